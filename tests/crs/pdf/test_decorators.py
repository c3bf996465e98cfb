"""What a person reads while their paper is not ready."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation

from crs import slow_work
from crs.pdf.decorators import prints
from crs.pdf.errors import PaperBusy, PaperLate


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    return rf.get("/rezervace/potvrzeni.pdf?x=1")


def assert_is_kind(answer: HttpResponse) -> None:
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    text = answer.content.decode()
    assert "Váš dokument ještě není připravený" in text
    assert "Také e-mailem." in text
    assert 'href="/rezervace/potvrzeni.pdf?x=1">Zkusit znovu</a>' in text


@pytest.mark.parametrize("reason", [PaperBusy, PaperLate])
def test_a_paper_that_is_not_ready_is_answered_kindly(request_: HttpRequest, reason: type[PaperLate]) -> None:
    @prints(meanwhile="Také e-mailem.")
    def view(request: HttpRequest) -> HttpResponse:
        raise reason

    with translation.override("cs"):
        for _ in range(5):  # each gives its place back
            assert_is_kind(view(request_))


def test_one_thread_of_a_web_process_is_always_left_for_other_pages(request_: HttpRequest) -> None:
    inner: list[HttpResponse] = []

    @prints(meanwhile="Také e-mailem.")
    def view(request: HttpRequest) -> HttpResponse:
        inner.append(view(request))  # as another thread would, while this one waits for its paper
        return HttpResponse("paper")

    with translation.override("cs"):
        assert view(request_).content == b"paper"
    refused, *served = inner
    assert_is_kind(refused)
    assert [answer.content for answer in served] == [b"paper"] * 2
    assert slow_work.places.acquire(blocking=False)
    slow_work.places.release()
