"""Codes of staff as people type them."""

import pytest

from crs.accounts.codes import plain


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("123 456", "123456"), ("123-456", "123456"), ("123\u00a0456\u200b", "123456"), ("+ěš ščř", "123345")),
        *(("１２３４５６", "123456"), ("١٢٣٤٥٦", "123456"), ("123–456.", "123456")),
        *(
            ("abcde 23456", "ABCDE23456"),
            ("\u202aabcde–23456\u202c", "ABCDE23456"),
            ("ABCDE\u3164/23456", "ABCDE23456"),
        ),
    ],
)
def test_a_code_loses_its_separators_and_what_nobody_sees(typed: str, meant: str) -> None:
    assert plain(typed) == meant
