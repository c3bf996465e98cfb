"""Every notice has its sentence."""

from support.letters.notices import TEXTS, Notice, texts


def test_every_notice_has_a_sentence_and_codes_of_former_times_have_none() -> None:
    assert set(TEXTS) == set(Notice)
    assert [str(text) for text in texts(["GONE", "EMPTY"])] == [str(TEXTS[Notice.EMPTY])]
