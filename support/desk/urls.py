"""Addresses of `support/desk/`; they hold keys of rows only."""

from django.urls import URLPattern, path

from support.desk.views import answers, files, keeping, lists, tickets, undelivered

urlpatterns: list[URLPattern] = [
    path("podpora/", lists.desk, name="desk"),
    path("podpora/hledani/", lists.search, name="search"),
    path("podpora/hledani/cislo/", lists.search_number, name="search_number"),
    path("podpora/pohledy/", keeping.saved_views, name="saved_views"),
    path("podpora/pohledy/novy/", lists.save_view, name="save_view"),
    path("podpora/pohledy/<uuid:view_id>/", keeping.saved_view, name="saved_view"),
    path("podpora/odpovedi/", keeping.canned_answers, name="canned_answers"),
    path("podpora/odpovedi/nova/", keeping.add_canned_answer, name="add_canned_answer"),
    path("podpora/odpovedi/<int:answer_id>/", keeping.canned_answer, name="canned_answer"),
    path("podpora/klavesy/", keeping.keys, name="keys"),
    # Files come here, so it stands in LARGER_BODIES of crs/settings.py and in deploy/nginx/nginx.conf.
    path("podpora/odpoved/", answers.answer, name="answer"),
    path("podpora/pozadavky/<int:ticket_id>/", tickets.ticket, name="ticket"),
    path("podpora/pozadavky/<int:ticket_id>/prevzeti/", tickets.claim, name="claim"),
    path("podpora/pozadavky/<int:ticket_id>/uvolneni/", tickets.release, name="release"),
    path("podpora/pozadavky/<int:ticket_id>/poznamka/", tickets.note, name="note"),
    path("podpora/pozadavky/<int:ticket_id>/vys/", tickets.escalate, name="escalate"),
    path("podpora/pozadavky/<int:ticket_id>/zpet/", tickets.hand_back, name="hand_back"),
    path("podpora/pozadavky/<int:ticket_id>/prideleni/", tickets.assign, name="assign"),
    path("podpora/pozadavky/<int:ticket_id>/zarazeni/", tickets.sort, name="sort"),
    path("podpora/pozadavky/<int:ticket_id>/vyreseni/", tickets.resolve, name="resolve"),
    path("podpora/pozadavky/<int:ticket_id>/uzavreni/", tickets.close, name="close"),
    path("podpora/pozadavky/<int:ticket_id>/otevreni/", tickets.reopen, name="reopen"),
    path("podpora/pozadavky/<int:ticket_id>/slouceni/", tickets.merge, name="merge"),
    path("podpora/pozadavky/<int:ticket_id>/rozdeleni/", tickets.take_apart, name="take_apart"),
    path("podpora/pozadavky/<int:ticket_id>/problem/", tickets.incident, name="ticket_incident"),
    path("podpora/soubory/<int:attachment_id>/", files.attachment, name="attachment"),
    path("podpora/soubory/<int:attachment_id>/nahled/", files.preview, name="preview"),
    path("podpora/zpravy/<int:letter_id>/", files.raw, name="raw"),
    path("podpora/zpravy/<int:letter_id>/znovu/", undelivered.send_again, name="send_again"),
    path("podpora/zpravy/<int:letter_id>/vyrizeno/", undelivered.settle, name="settle"),
]
