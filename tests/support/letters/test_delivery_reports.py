"""Reports of servers, with a form and without; letters that merely look like one are none."""

import base64
from email import message_from_bytes, message_from_string
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters.delivery_reports import DeliveryReport, ReportedRecipient, ReportKind, report_of

STATUS = """Reporting-MTA: dns; mx.example.cz

Final-Recipient: rfc822; jana@example.cz
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such
 mailbox
"""
ORIGINAL = {
    "letter": "Content-Type: message/rfc822\n\nFrom: podpora@crs.example\nMessage-ID: <a@crs.example>\n\nText\n",
    "headers": "Content-Type: text/rfc822-headers\n\nFrom: podpora@crs.example\nMessage-ID: <a@crs.example>\n",
    "": "Content-Type: text/plain\n\nNothing of it.\n",
}


def report(
    *, action: str = "failed", status: str = "5.1.1", original: str = "letter", head: str = "", fields: str = ""
) -> str:
    return (
        f"From: MAILER-DAEMON@example.cz\n{head}Content-Type: multipart/report; report-type=delivery-status; "
        "boundary=B\n\n"
        "--B\nContent-Type: text/plain\n\nIt did not arrive.\n\n--B\nContent-Type: message/delivery-status\n"
        f"{fields or chr(10) + STATUS.format(action=action, status=status)}\n--B\n{ORIGINAL[original]}\n--B--\n"
    )


@pytest.mark.parametrize("original", ["letter", "headers"])
def test_a_failed_letter_is_named_with_whom_it_did_not_reach_and_why(original: str) -> None:
    jana = ReportedRecipient("jana@example.cz", ReportKind.FAILED, "5.1.1", "550 5.1.1 No such mailbox")
    found = report_of(message_from_string(report(original=original)))
    assert found == DeliveryReport(ReportKind.FAILED, (jana,), "<a@crs.example>")
    assert found.failed == (jana,)


def test_without_the_original_the_letter_is_what_the_report_answers() -> None:
    answers = "In-Reply-To: <b@crs.example>\n"
    found = report_of(message_from_string(report(original="", head=answers)))
    assert found is not None
    assert found.original_message_id == "<b@crs.example>"
    found = report_of(message_from_string(report(original="")))
    assert found is not None
    assert found.original_message_id == ""


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("delayed", "4.4.1", ReportKind.DELAYED),
        ("relayed", "2.0.0", ReportKind.DELIVERED),
        ("Failed (really)", "5.0.0", ReportKind.FAILED),
        ("", "4.2.2", ReportKind.DELAYED),
    ],
)
def test_a_letter_that_waits_or_arrived_has_not_failed(action: str, status: str, kind: ReportKind) -> None:
    found = report_of(message_from_string(report(action=action, status=status)))
    assert found is not None
    assert (found.kind, found.recipients[0].status) == (kind, status)
    assert bool(found.failed) == (kind == ReportKind.FAILED)


def test_fields_in_base64_are_read() -> None:
    coded = base64.encodebytes(STATUS.format(action="failed", status="5.2.2").encode()).decode()
    found = report_of(message_from_string(report(fields=f"Content-Transfer-Encoding: base64\n\n{coded}")))
    assert found is not None
    assert [(one.address, one.status) for one in found.recipients] == [("jana@example.cz", "5.2.2")]


def test_a_read_receipt_says_which_letter_was_opened() -> None:
    found = report_of(
        message_from_string(
            "From: jana@example.cz\n"
            "Content-Type: multipart/report; report-type=disposition-notification; "
            "boundary=B\n\n"
            "--B\nContent-Type: text/plain\n\nRead.\n--B\nContent-Type: message/disposition-notification\n\n"
            "Final-Recipient: rfc822;jana@example.cz\nOriginal-Message-ID: <a@crs.example>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed\n\n--B--\n"
        )
    )
    assert found is not None
    assert (found.kind, found.original_message_id, found.failed) == (ReportKind.READ, "<a@crs.example>", ())


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (
            "From: MAILER-DAEMON@mx.example.cz\n",
            "Hi. This is the qmail-send program at mx.example.cz.\nI'm afraid I wasn't able to deliver.\n\n"
            "<jana@example.cz>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy.\n\n"
            "Return-Path: <podpora@crs.example>\nMessage-ID: <a@crs.example>\n",
        ),
        (
            "From: Mail Delivery System <Mailer-Daemon@example.cz>\nX-Failed-Recipients: jana@example.cz\n",
            "A message that you sent could not be delivered: 550 5.1.1 no mailbox\n\nMessage-Id: <a@crs.example>\n",
        ),
        (
            "From: Postmaster <postmaster@example.cz>\nIn-Reply-To: <a@crs.example>\n",
            "Zprávu se nepodařilo doručit těmto příjemcům:\n\njana@example.cz\n\nSchránka neexistuje, 5.1.1.\n",
        ),
    ],
    ids=["qmail", "Exim", "Exchange in Czech"],
)
def test_a_bounce_without_a_form_is_read_by_its_words(head: str, text: str) -> None:
    found = report_of(message_from_bytes(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}".encode()))
    assert found is not None
    assert [(one.address, one.status, one.kind) for one in found.recipients] == [
        ("jana@example.cz", "5.1.1", ReportKind.FAILED)
    ]
    assert found.original_message_id == "<a@crs.example>"


@pytest.mark.parametrize("piece", ["'", "a@", "a", "@", "a'@"])
def test_an_address_of_one_thing_again_and_again_takes_no_time(piece: str) -> None:
    long = piece * (200_000 // len(piece))
    begun = process_time()
    report_of(message_from_string(report(fields=f"\n\nAction: failed\nFinal-Recipient: rfc822; {long}\n")))
    report_of(message_from_string(f"From: MAILER-DAEMON@example.cz\n\nIt could not be delivered: {long}\n"))
    report_of(message_from_string(f"From: MAILER-DAEMON@example.cz\n\nThis is the qmail-send program\n<{long}\n"))
    assert process_time() - begun < 1


def test_an_address_in_apostrophes_is_found_without_them() -> None:
    found = report_of(message_from_string("From: postmaster@x.cz\n\nUndeliverable: 'jana@example.cz'.\n"))
    assert found is not None
    assert found.recipients[0].address == "jana@example.cz"


def test_a_persons_letter_with_a_report_attached_is_none() -> None:
    attached = (
        "From: jana@example.cz\nContent-Type: multipart/mixed; boundary=M\n\n--M\n\nViz.\n"
        f"--M\nContent-Type: message/rfc822\n\n{report()}\n--M--\n"
    )
    assert report_of(message_from_string(attached)) is None
    assert (
        report_of(message_from_string("From: jana@example.cz\n\nZprávu se nepodařilo doručit na petr@x.cz.\n")) is None
    )


@given(head=st.binary(max_size=60), body=st.binary(max_size=120))
def test_no_letter_makes_it_raise(head: bytes, body: bytes) -> None:
    for start in (b"", b"Content-Type: message/delivery-status\n", b"Content-Type: multipart/report; boundary=\n"):
        report_of(message_from_bytes(start + head + b"\n\n" + body))
