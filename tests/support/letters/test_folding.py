"""What people wrote is parted from what their mail programs quote; nothing is lost, and nobody waits."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.letters import folding, text_process
from support.letters.folding import Folded, fold

PATIENCE = 60


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "SECONDS", PATIENCE)


@pytest.fixture(scope="module", autouse=True)
def _process() -> Iterator[None]:
    yield
    text_process.worker.forget()


OWN = "Dobrý den,\n\ndávky dorazily.\n\nJana Nováková\n\n"
QUOTES = {
    "Gmail": "po 11. 1. 2027 v 9:12 odesílatel Podpora <podpora@example.cz> napsal:\n\n> Dobrý den,\n> dorazily?\n",
    "Gmail in two lines": "po 11. 1. 2027 v 9:12 odesílatel Podpora CRS\n<podpora@example.cz> napsal:\n\n> Dorazily?\n",
    "Gmail, older": "Dne po 11. 1. 2027 v 9:12 uživatel Podpora <podpora@example.cz> napsal:\n> Dorazily?\n",
    "Gmail in English": "On Mon, Jan 11, 2027 at 9:12 AM Podpora <podpora@example.cz> wrote:\n\n> Dorazily?\n",
    "Thunderbird": "Dne 11. 01. 27 v 9:12 Podpora napsal(a):\n> Dorazily?\n>> Prosím.\n",
    "Thunderbird, HTML": "Dne 11. 01. 27 v 9:12 Podpora napsal(a):\n\nDorazily?\n\nPodpora\n",
    "Outlook": "Od: Podpora <p@example.cz>\nOdesláno: 11. ledna 2027 9:12\nKomu: J\nPředmět: Dávky\n\nDorazily?\n",
    "Outlook, bold": "*Od:* Podpora\n*Odesláno:* 11. ledna 2027 9:12\n*Komu:* J\n*Předmět:* Dávky\n\nDorazily?\n",
    "Outlook in English": "From: P\nSent: Monday, January 11, 2027 9:12 AM\nTo: J\nSubject: Dávky\n\nDorazily?\n",
    "Outlook on the web": f"{'_' * 32}\nOd: P\nOdesláno: pondělí 11. ledna 2027 9:12\nKomu: J\nPředmět: Dávky\n\nD?\n",
    "old Outlook": "-----Původní zpráva-----\nOd: Podpora\nKomu: Jana\n\nDorazily?\n",
    "old Outlook in English": "-----Original Message-----\nFrom: Podpora\n\nDorazily?\n",
    "Seznam": "---------- Původní e-mail ----------\nOd: Podpora\nKomu: J\nDatum: 11. 1. 2027\nPředmět: Dávky\n\nD?\n",
    "Apple": "11. 1. 2027 v 9:12, Podpora <podpora@example.cz>:\n\n> Dorazily?\n",
    "signs alone": "> Dorazily?\n>\n> Podpora\n",
}


@pytest.mark.parametrize("program", QUOTES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_a_mail_program_quotes_is_parted_from_what_its_owner_wrote(program: str, line_end: str) -> None:
    own, quoted = (part.replace("\n", line_end) for part in (OWN, QUOTES[program]))
    assert fold(own + quoted) == Folded(own, quoted)


@pytest.mark.parametrize(
    "text",
    [
        OWN,
        "",
        "> Dorazily?\n\nAno, včera.\n\n> A jehly?\n\nNe.\n",
        "Odpovídám níže:\n\nDne 11. 1. 2027 Podpora napsal(a):\n> Dorazily?\nAno.\n> A jehly?\nNe.\n",
        QUOTES["Outlook"],
        QUOTES["Gmail"],
        "Řešte.\n\n---------- Forwarded message ---------\nFrom: P\nDate: 1. 1.\nTo: J\nSubject: x\n\nNejde to.\n",
        "Prosím řešte.\n\nZačátek přeposlané zprávy:\n\nOd: Petr\nDatum: 1. 1.\nPředmět: x\nKomu: J\n\nNejde to.\n",
        "Objednávka\nDatum: 5. 1.\nKomu: sklad\nchybí dávky\n",
        "Ordinujeme\nOd: 8:00\nDo: 16:00\nv pátek zavřeno\n",
        "Dne 11. 1. 2027 nám došly dávky.\nPetr napsal, že přijdou zítra.\n",
        "Čekárna má > 30 lidí.\n- 5 sester\n- 2 lékaři\n",
    ],
)  # fmt: skip
def test_all_of_it_is_own_where_nothing_is_quoted_or_all_has_to_be_read(text: str) -> None:
    assert fold(text) == Folded(text, "")


def test_a_header_that_only_the_library_knows_is_found_by_it() -> None:
    header = "> > On the eleventh of January, Podpora\nof example.cz wrote:\n"
    assert fold(f"{OWN}{header}\nDorazily?\n") == Folded(OWN, f"{header}\nDorazily?\n")


def test_a_thread_of_500_quotes_is_parted_at_the_first_one() -> None:
    quotes = "".join(f"{'>' * i}On 11 January X <x@y.cz> wrote:\n{'>' * (i + 1)} {i}\n" for i in range(1, 500))
    assert fold(OWN + quotes) == Folded(OWN, quotes)


def test_letters_without_a_sign_of_a_quote_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_process, "ask", None)
    assert fold(OWN * 100).quoted == ""
    assert fold(OWN + QUOTES["Outlook"]).own == OWN


def test_a_letter_that_keeps_the_library_busy_is_left_to_the_rule_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    hard = "x wrote: y\n" + "On " * 8000 + "\n\n"
    monkeypatch.setattr(folding, "SECONDS", 0.3)
    begun = time.monotonic()
    assert fold(hard + QUOTES["Gmail"]) == Folded(hard, QUOTES["Gmail"])
    assert time.monotonic() - begun < 10
    monkeypatch.setattr(folding, "SECONDS", PATIENCE)
    assert fold(f"x wrote: y\n{QUOTES['Gmail']}").own == "x wrote: y\n"


def test_a_letter_is_parted_also_while_the_process_is_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "SECONDS", 0.1)
    with text_process.worker.turn:
        assert fold(f"x wrote: y\n{QUOTES['Seznam']}") == Folded("x wrote: y\n", QUOTES["Seznam"])


@pytest.mark.parametrize(
    "piece", ["Od: x\n", "Dne blah\n", "-", " ", "<", ">", "_", "Dne <a@b\n", "> x\ny\n", "*", "- "]
)
def test_the_rule_is_kept_busy_by_no_text(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = piece * (200_000 // len(piece))
    begun = time.process_time()
    folded = fold(text)
    assert time.process_time() - begun < 3
    assert folded.own + folded.quoted == text


lines = st.lists(
    st.sampled_from(["", "> x", ">> y", "Ano.", "Od: a", "Odesláno: b", "Komu: c", "Předmět: d", "-- ", "_" * 32])
    | st.sampled_from(
        ["Dne 1. 1. 2027 X napsal(a):", "On Monday X wrote:", "-----Původní zpráva-----", "\x0b\x1c", "\r"]
    ),
    max_size=15,
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(text=lines | st.text(max_size=80))
@example(text="\ud800\n> x")
def test_nothing_is_lost_and_something_is_always_own(text: str) -> None:
    folded = fold(text)
    assert folded.own + folded.quoted == text
    assert folded.quoted == "" or folded.own.strip()
