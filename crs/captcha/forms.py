"""The captcha in a form: letters on a picture, or a question in words, which stands on a picture as well.

In a form:

    class PhoneForm(CaptchaForm):
        phone = ...

In its view:

    kind = captcha_kind(request)
    if is_captcha_switch(request):  # "another picture", "a question instead": nothing is checked, all typed is kept
        form = PhoneForm.unchecked(request.POST, captcha_kind=kind)
    elif request.method == "POST":
        form = PhoneForm(request.POST, captcha_kind=kind)
        if form.is_valid():
            try:
                operation(..., captcha=form.answer, form=sending(request))
            except WrongAnswer as refusal:
                form.add_error("captcha", str(refusal))
    else:
        form = PhoneForm(captcha_kind=kind)

and in its template `{{ form.captcha.as_field_group }}` as the last field before the submit button.

Whether the answer is right, the operation asks (`challenges.use_up`), in the transaction that claims the form's key
(`crs/sent_forms.py`): so it is looked at only when every other field is right, an answer, right or wrong,
uses the challenge up, and the second of two clicks is led to where the first has led.
"""

from typing import Any, Self

from captcha.models import CaptchaStore
from django import forms
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.captcha import questions
from crs.captcha.challenges import Answer, picture_challenge, usable

PICTURE = "picture"
WORDS = "words"
# The buttons that ask for another challenge, and the hidden field that says which kind is shown now.
SWITCH = "captcha_kind"
CURRENT = "captcha_shown"


def captcha_kind(request: HttpRequest) -> str:
    """PICTURE or WORDS: what the person asked for with a button, else what they were shown before."""
    asked = request.POST.get(SWITCH) or request.POST.get(CURRENT)
    return WORDS if asked == WORDS else PICTURE


def is_captcha_shown(request: HttpRequest) -> bool:
    """Whether the page that sent the form had a captcha, for a form that has one only sometimes.

    A browser may leave it out, so this never tells whether one was needed.
    """
    return CURRENT in request.POST


def is_captcha_switch(request: HttpRequest) -> bool:
    """Whether the form was sent by a button that asks for another challenge, not by 'Send'."""
    return request.method == "POST" and SWITCH in request.POST


class CaptchaWidget(forms.MultiWidget):
    """The challenge, the field for its answer, and the buttons for another challenge."""

    template_name = "captcha/widget.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        self.kind = PICTURE
        answer = forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off", "spellcheck": "false"}
        )
        super().__init__([forms.HiddenInput({"autocomplete": "off"}), answer], attrs)

    def decompress(self, value: Any) -> list[str]:
        """A new form has neither a challenge nor an answer."""
        return ["", ""]

    def id_for_label(self, id_: str) -> str:
        """The field for the answer, so that a link from the error summary lands there."""
        return f"{id_}_1" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Keep the challenge that was not used up yet, with the answer typed to it, or make a new one."""
        key, answer = value if isinstance(value, list) and len(value) == 2 else ("", "")
        store = usable(key or "")
        if store is None or questions.is_words(store.challenge) != (self.kind == WORDS):
            challenge, response = questions.words_challenge() if self.kind == WORDS else picture_challenge()
            store = CaptchaStore.objects.create(challenge=challenge, response=response)
            answer = ""
        context = super().get_context(name, [store.hashkey, answer], attrs)
        context["captcha"] = {
            "is_picture": self.kind == PICTURE,
            "image": reverse("captcha_picture", args=[store.hashkey]),
            "sound": reverse("captcha_sound", args=[store.hashkey]) if settings.CAPTCHA_ESPEAK_PATH else "",
        }
        return context


class CaptchaField(forms.MultiValueField):
    """A key and an answer; whether it is right, the operation asks."""

    widget = CaptchaWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields=(typed.PlainField(max_length=40), typed.PlainField(max_length=64)), **kwargs)

    def compress(self, data_list: list[str]) -> Answer | None:
        """Key and answer as they came."""
        return Answer(*data_list) if data_list else None


class CaptchaForm(forms.Form):
    """A form that a robot should not send. `captcha_kind` is PICTURE or WORDS."""

    captcha = CaptchaField(
        label=_("Check that you are a person"),
        error_messages={
            "required": _("Please answer the check question."),
            "incomplete": _("Please answer the check question."),
        },
    )

    def __init__(self, *args: Any, captcha_kind: str = PICTURE, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["captcha"].widget.kind = captcha_kind
        self.order_fields([name for name in self.fields if name != "captcha"] + ["captcha"])

    @classmethod
    def unchecked(cls, typed: QueryDict, *, captcha_kind: str, **kwargs: Any) -> Self:
        """The form with everything typed so far, not checked, and with a new challenge."""
        bound = cls(typed, captcha_kind=captcha_kind, **kwargs)
        kept = {name: bound[name].data for name in bound.fields if name != "captcha"}
        return cls(initial={**kwargs.pop("initial", {}), **kept}, captcha_kind=captcha_kind, **kwargs)

    @property
    def answer(self) -> Answer:
        """The answer to the challenge, in a form that is valid otherwise."""
        answer: Answer = self.cleaned_data["captcha"]
        return answer
