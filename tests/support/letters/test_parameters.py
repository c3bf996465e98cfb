"""Parameters are read as mailers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters.parameters import parameters


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ('text/plain; charset="utf-8"', "text/plain", {"charset": "utf-8"}),
        ("TEXT/Plain ; Charset=UTF-8 ;", "text/plain", {"charset": "UTF-8"}),
        ('a/b; name="x; y.pdf"; z=1', "a/b", {"name": "x; y.pdf", "z": "1"}),
        (r'a/b; name="x \"y\".pdf"', "a/b", {"name": 'x "y".pdf'}),
        ("a/b; name=foto z dovolene.jpg", "a/b", {"name": "foto z dovolene.jpg"}),
        ("a/b; name=one; name=two", "a/b", {"name": "one"}),
        ("a/b; name*1*=%9A; name*0*=windows-1250''%8A", "a/b", {"name": "Šš"}),
        ("a/b; boundary*0=ab; boundary*1=cd", "a/b", {"boundary": "abcd"}),
        ("attachment; filename==?utf-8?Q?=C5=A0.pdf?=", "attachment", {"filename": "Š.pdf"}),
        ('multipart/mixed; boundary="=?a?Q?b?="', "multipart/mixed", {"boundary": "=?a?Q?b?="}),
        ("text/plain (comment); charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ("", "", {}),
    ],
)
def test_parameters_are_found(field: str, value: str, named: dict[str, str]) -> None:
    assert parameters(field.encode()) == (value, named)


@given(st.binary(max_size=300))
def test_any_field_is_read(field: bytes) -> None:
    parameters(b"a/b;" + field)
