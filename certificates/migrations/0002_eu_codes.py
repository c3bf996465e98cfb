"""How the four vaccines and the doses are written in a certificate, and the names of the codes that verifiers meet.

Sources: the EU's value sets of 2021 to 2023 for the codes; the European Commission's coding of boosters as it applies
from 1 February 2022 (a booster after a series of n doses is n + 1 of n + 1, after a single dose 2 of 1). Certificates
have been issued from 1 June 2021 on. On 31 January 2022 the kinds of vaccines were told apart more finely.
"""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BEGINNING, FINER_KINDS = date(2021, 6, 1), date(2022, 1, 31)
ANTIGEN, MRNA, VECTOR = "1119305005", "1119349007", "29061000087103"
# vaccine, valid from, vp, mp, ma
VACCINES = (
    ("comirnaty", BEGINNING, MRNA, "EU/1/20/1528", "ORG-100030215"),
    ("spikevax", BEGINNING, MRNA, "EU/1/20/1507", "ORG-100031184"),
    ("vaxzevria", BEGINNING, ANTIGEN, "EU/1/21/1529", "ORG-100001699"),
    ("vaxzevria", FINER_KINDS, VECTOR, "EU/1/21/1529", "ORG-100001699"),
    ("janssen", BEGINNING, ANTIGEN, "EU/1/20/1525", "ORG-100001417"),
    ("janssen", FINER_KINDS, VECTOR, "EU/1/20/1525", "ORG-100001417"),
)
LONGEST_SERIES, MOST_DOSES = 3, 9
NAMES = {
    "disease-agent-targeted": {"840539006": "COVID-19"},
    "sct-vaccines-covid-19": {
        ANTIGEN: "SARS-CoV-2 antigen vaccine",
        MRNA: "SARS-CoV-2 mRNA vaccine",
        VECTOR: "COVID-19 non-replicating viral vector vaccine",
        "28531000087107": "COVID-19 vaccine",
        "1162643001": "SARS-CoV-2 recombinant spike protein antigen vaccine",
        "1157024006": "Inactivated whole SARS-CoV-2 antigen vaccine",
        "30141000087107": "SARS-CoV-2 virus-like particle antigen vaccine",
        "1187593009": "SARS-CoV-2 DNA plasmid encoding spike protein vaccine",
        "J07BX03": "COVID-19 vaccines",
    },
    "vaccines-covid-19-names": {
        "EU/1/20/1528": "Comirnaty",
        "EU/1/20/1507": "Spikevax",
        "EU/1/21/1529": "Vaxzevria",
        "EU/1/20/1525": "Jcovden",
        "EU/1/21/1618": "Nuvaxovid",
        "EU/1/21/1624": "COVID-19 Vaccine Valneva",
        "EU/1/21/1580": "VidPrevtyn Beta",
        "EU/1/22/1709": "Bimervax",
        "CVnCoV": "CVnCoV",
        "NVX-CoV2373": "NVX-CoV2373",
        "Sputnik-V": "Sputnik V",
        "Sputnik-Light": "Sputnik Light",
        "Convidecia": "Convidecia",
        "EpiVacCorona": "EpiVacCorona",
        "BBIBP-CorV": "BBIBP-CorV",
        "WIBP-CorV": "WIBP-CorV",
        "Inactivated-SARS-CoV-2-Vero-Cell": "Inactivated SARS-CoV-2 (Vero Cell)",
        "CoronaVac": "CoronaVac",
        "Covaxin": "Covaxin",
        "Covishield": "Covishield",
        "Covovax": "Covovax",
        "R-COVI": "R-COVI",
        "CoviVac": "CoviVac",
        "Hayat-Vax": "Hayat-Vax",
        "Abdala": "Abdala",
        "MVC-COV1901": "MVC COVID-19 vaccine",
    },
    "vaccines-covid-19-auth-holders": {
        "ORG-100030215": "BioNTech Manufacturing GmbH",
        "ORG-100031184": "Moderna Biotech Spain S.L.",
        "ORG-100001699": "AstraZeneca AB",
        "ORG-100001417": "Janssen-Cilag International",
        "ORG-100032020": "Novavax CZ a.s.",
        "ORG-100036422": "Valneva France",
        "ORG-100000788": "Sanofi Pasteur",
        "ORG-100036914": "Hipra Human Health S.L.",
        "ORG-100006270": "CureVac AG",
        "ORG-100013793": "CanSino Biologics",
        "ORG-100020693": "China Sinopharm International Corp. (Beijing)",
        "ORG-100010771": "Sinopharm Weiqida Europe Pharmaceutical s.r.o. (Prague)",
        "ORG-100024420": "Sinopharm Zhijun Pharmaceutical Co. Ltd. (Shenzhen)",
        "ORG-100001981": "Serum Institute of India Private Limited",
        "ORG-100007893": "R-Pharm CJSC",
        "ORG-100023050": "Gulf Pharmaceutical Industries",
        "ORG-100033914": "Medigen Vaccine Biologics Corporation",
        "Gamaleya-Research-Institute": "Gamaleya Research Institute",
        "Vector-Institute": "Vector Institute",
        "Sinovac-Biotech": "Sinovac Biotech",
        "Sinopharm-WIBP": "Sinopharm, Wuhan Institute of Biological Products",
        "Bharat-Biotech": "Bharat Biotech",
        "Fiocruz": "Fiocruz",
        "Chumakov-Federal-Scientific-Center": "Chumakov Federal Scientific Center",
        "CIGB": "Center for Genetic Engineering and Biotechnology",
    },
}


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; what somebody added by hand stays."""
    vaccines = set(apps.get_model("logistics", "Vaccine").objects.values_list("code", flat=True))
    vaccine_coding = apps.get_model("certificates", "VaccineCoding")
    series_coding = apps.get_model("certificates", "SeriesCoding")
    entry = apps.get_model("certificates", "ValueSetEntry")
    vaccine_coding.objects.bulk_create(
        [
            vaccine_coding(vaccine_id=code, valid_from=day, prophylaxis=prophylaxis, product=product, holder=holder)
            for code, day, prophylaxis, product, holder in VACCINES
            if code in vaccines
        ],
        ignore_conflicts=True,
    )
    series_coding.objects.bulk_create(
        [
            series_coding(
                series_doses=series,
                number=number,
                valid_from=BEGINNING,
                dose_number=number,
                # A series of one dose stays 'of 1', so that 2/1 differs from the second of two.
                total_doses=series if series == 1 else max(series, number),
            )
            for series in range(1, LONGEST_SERIES + 1)
            for number in range(1, MOST_DOSES + 1)
        ],
        ignore_conflicts=True,
    )
    entry.objects.bulk_create(
        [
            entry(value_set=value_set, code=code, display=display)
            for value_set, names in NAMES.items()
            for code, display in names.items()
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """Codes and their names."""

    dependencies = [("certificates", "0001_initial"), ("logistics", "0003_vaccines_and_intervals")]

    # Back: the tables go with the migration before this one.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
