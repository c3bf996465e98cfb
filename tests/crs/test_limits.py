"""A request is bounded, and every answer says what a browser may do with it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


def test_a_file_is_refused_in_words(client: Client) -> None:
    answer = client.post("/jazyk/", {"next": "/", "scan": SimpleUploadedFile("scan.pdf", b"%PDF")})
    assert answer.status_code == 413
    assert "Soubory sem poslat nelze" in answer.content.decode()


@pytest.mark.parametrize(
    "form",
    [{f"field-{number}": "x" for number in range(1001)}, {"next": "/" * 1_100_000}],
    ids=["fields", "bytes"],
)
def test_too_much_of_a_form_is_refused_in_words(client: Client, form: dict[str, str]) -> None:
    answer = client.post("/jazyk/", "&".join(f"{k}={v}" for k, v in form.items()), "application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "příliš velké" in answer.content.decode()


def test_a_forged_host_is_refused_in_words(client: Client) -> None:
    answer = client.get("/rezervace/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "nerozumí" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/nothing/", "/static/crs/crs.css"])
def test_every_answer_is_kept_from_other_sites_and_from_devices(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
