"""The chat's pages over HTTP: what is accepted, what is refused, and that nothing happens twice."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import SecretStr

from bot.channels.web import health
from bot.channels.web.application import build
from bot.channels.web.chat import WORDS_COOKIE
from bot.channels.web.pace import Pace
from bot.domain.messages import Kind
from bot.services.knowledge_base import KnowledgeState
from bot.texts import danger
from bot.texts.jobseeker import WHILE_BROKEN
from tests.web.conftest import OWN_PAGE, SCRIPT_ASKS, app_on, browser_of


async def test_first_visit_greets_nobody_before_the_cookie_comes_back(site, sari, dialogue):
    assert dialogue.handled == []
    page = await sari.get("/")
    assert "Halo, saya Silvi" in page.text
    assert [(update.kind, update.command) for update in dialogue.handled] == [(Kind.COMMAND, "start")]


async def test_reloading_and_the_script_greet_once(sari, dialogue):
    await sari.post("/obrolan/pesan", json={"perintah": "start", "nomor": 1}, headers=SCRIPT_ASKS)
    await sari.get("/")
    await sari.get("/")
    assert len(dialogue.handled) == 1


async def test_message_becomes_one_turn_and_a_resend_has_no_second_effect(sari, dialogue):
    for _ in range(2):
        response = await sari.post("/obrolan/pesan", json={"teks": "umur berapa", "nomor": 77}, headers=SCRIPT_ASKS)
        assert response.json() == {"diterima": True}
    (update,) = dialogue.handled
    assert (update.kind, update.text, update.update_id) == (Kind.TEXT, "umur berapa", 77)
    assert update.source == f"web:{update.chat.external_id}"
    assert (await sari.get("/")).text.count("Anda bertanya: umur berapa") == 1


async def test_history_gives_what_came_behind_the_last_seen_message(sari):
    await sari.post("/obrolan/pesan", json={"teks": "pertama", "nomor": 5}, headers=SCRIPT_ASKS)
    (first,) = (await sari.get("/obrolan/riwayat")).json()["pesan"]
    await sari.post("/obrolan/pesan", json={"teks": "kedua", "nomor": 6}, headers=SCRIPT_ASKS)
    (second,) = (await sari.get(f"/obrolan/riwayat?sejak={first['id']}&tunggu=5")).json()["pesan"]
    assert "pertama" in first["html"] and "kedua" in second["html"]


async def test_pressed_button_names_the_message_it_stands_on_and_edits_it(sari, dialogue):
    await sari.post("/obrolan/pesan", data={"teks": "syarat", "nomor": "5"}, headers=OWN_PAGE)
    page = (await sari.get("/")).text
    carrier = re.search(r'name="pada" value="(\d+)"', page).group(1)
    await sari.post("/obrolan/pesan", data={"tombol": "lagi:1", "pada": carrier, "nomor": "6"}, headers=OWN_PAGE)
    assert (dialogue.handled[-1].button, dialogue.handled[-1].message_id) == ("lagi:1", int(carrier))
    page = (await sari.get("/")).text
    assert "Ini penjelasan lengkapnya." in page and "Siapkan KTP" not in page


async def test_notice_of_a_press_is_shown_once(sari):
    await sari.post("/obrolan/pesan", data={"teks": "syarat", "nomor": "5"}, headers=OWN_PAGE)
    await sari.post("/obrolan/pesan", data={"tombol": "jempol:1", "nomor": "6"}, headers=OWN_PAGE)
    assert "Terima kasih atas penilaiannya." in (await sari.get("/")).text
    assert "Terima kasih atas penilaiannya." not in (await sari.get("/")).text


async def test_page_without_script_shows_question_and_reply_in_order(sari):
    answer = await sari.post("/obrolan/pesan", data={"teks": "gaji di Taiwan", "nomor": "5"}, headers=OWN_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/#terbaru")
    page = (await sari.get("/")).text
    assert page.index('<p class="apa-adanya">gaji di Taiwan</p>') < page.index("Anda bertanya: gaji di Taiwan")


async def test_page_without_script_waits_for_an_answer_that_comes_after_the_turn(sari):
    await sari.post("/obrolan/pesan", data={"teks": "potongan", "nomor": "5"}, headers=OWN_PAGE)
    assert "Anda bertanya: potongan dan sisanya" in (await sari.get("/")).text


async def test_own_words_never_outgrow_a_cookie(sari):
    for number in range(10, 20):
        text = "".join(chr(0x4E00 + (number * 997 + step * 31) % 20000) for step in range(900))
        await sari.post("/obrolan/pesan", json={"teks": text, "nomor": number}, headers=SCRIPT_ASKS)
    assert len(sari.cookies[WORDS_COOKIE]) < 3_500
    assert (await sari.get("/")).text.count('class="apa-adanya"') > 1


async def test_markup_in_a_message_is_shown_as_text(sari):
    await sari.post(
        "/obrolan/pesan", json={"teks": "<script>alert(1)</script> & <b>x</b>", "nomor": 5}, headers=SCRIPT_ASKS
    )
    page = (await sari.get("/")).text
    assert "<script>alert" not in page and page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


async def test_slash_words_are_commands(sari, dialogue):
    await sari.post("/obrolan/pesan", json={"teks": "/Lapor gaji belum dibayar", "nomor": 5}, headers=SCRIPT_ASKS)
    assert (dialogue.handled[-1].command, dialogue.handled[-1].text) == ("lapor", "gaji belum dibayar")


async def test_start_over_leaves_nothing_of_the_old_chat(sari, dialogue):
    await sari.post("/obrolan/pesan", data={"teks": "rahasia saya", "nomor": "5"}, headers=OWN_PAGE)
    await sari.post("/obrolan/baru", headers=OWN_PAGE)
    page = (await sari.get("/")).text
    assert "rahasia saya" not in page and "Halo, saya Silvi" in page
    assert len({update.chat.external_id for update in dialogue.handled}) == 2


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://jahat.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_post_from_another_site_is_refused(sari, dialogue, headers):
    for path in ("/obrolan/pesan", "/obrolan/baru"):
        assert (await sari.post(path, data={"teks": "halo", "nomor": "5"}, headers=headers)).status_code == 403
    assert dialogue.handled == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"teks": "", "nomor": 5}, 422),
        ({"teks": " \x00\x07\n ", "nomor": 5}, 422),
        ({"teks": "a" * 4_001, "nomor": 5}, 413),
        ({"teks": "a" * 40_000, "nomor": 5}, 413),
        ({"teks": "halo"}, 400),
        ({"teks": "halo", "nomor": -1}, 400),
        ({"teks": "halo", "nomor": 2**53}, 400),
        ({"tombol": "x" * 65, "nomor": 5}, 400),
        ({"perintah": "start; drop", "nomor": 5}, 400),
    ],
)
async def test_unusable_message_is_refused_kindly_under_a_number_of_the_log(sari, dialogue, caplog, fields, status):
    response = await sari.post("/obrolan/pesan", json=fields, headers=SCRIPT_ASKS)
    answer = response.json()
    assert response.status_code == status and answer["judul"] and answer["pesan"]
    assert answer["nomor"] in caplog.text
    assert dialogue.handled == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 20_000, b'{"teks": {"a": 1}, "nomor": 5}'])
async def test_malformed_body_is_refused(sari, dialogue, body):
    headers = {**SCRIPT_ASKS, "Content-Type": "application/json"}
    assert (await sari.post("/obrolan/pesan", content=body, headers=headers)).status_code in (400, 422)
    assert dialogue.handled == []


@pytest.mark.parametrize("text", ["a" * 4_000, "🙂🙏", "ꦱꦼꦭꦩꦠ꧀", "a\x00b\x08c", "\ud83d"])
async def test_unusual_text_arrives(sari, dialogue, text):
    content = json.dumps({"teks": text, "nomor": 5})
    headers = {**SCRIPT_ASKS, "Content-Type": "application/json"}
    assert (await sari.post("/obrolan/pesan", content=content, headers=headers)).status_code == 200
    assert dialogue.handled[-1].text and "\x00" not in dialogue.handled[-1].text


async def test_failure_of_the_dialogue_shows_a_number_and_no_traceback(sari, caplog):
    response = await sari.post("/obrolan/pesan", data={"teks": "bikin gagal", "nomor": "5"}, headers=OWN_PAGE)
    number = re.search(r"W-[0-9A-F]{8}", response.text).group()
    assert response.status_code == 500 and "Traceback" not in response.text and "RuntimeError" not in response.text
    assert f"{number}: POST /obrolan/pesan failed" in caplog.text and "the dialogue failed" in caplog.text


async def test_failure_still_tells_who_helps_in_danger(sari, app):
    asked = {"teks": "bikin gagal", "nomor": "5"}
    page = (await sari.post("/obrolan/pesan", data=asked, headers=OWN_PAGE)).text
    told = (await sari.post("/obrolan/pesan", json=asked, headers=SCRIPT_ASKS)).json()["darurat"]
    assert told.startswith(WHILE_BROKEN) and WHILE_BROKEN in page
    for key in danger.EVERYWHERE:
        number = app.office().contacts[key]["number"]
        assert number in told and number in re.sub(r"</?a\b[^>]*>", "", page)


async def test_database_away_is_told_with_who_helps_in_danger(settings, dialogue):
    app = app_on(settings, "postgresql://nobody@127.0.0.1:1/none")
    async with browser_of(build(app)) as sari:
        await sari.get("/")
        answer = await sari.post("/obrolan/pesan", data={"teks": "tolong", "nomor": "5"}, headers=OWN_PAGE)
    assert answer.status_code == 500 and WHILE_BROKEN in answer.text and "Traceback" not in answer.text
    await app.close()


async def test_page_that_is_not_there_is_kind(sari):
    response = await sari.get("/tidak-ada")
    assert response.status_code == 404 and "Halaman tidak ditemukan" in response.text
    assert WHILE_BROKEN not in response.text


async def test_flood_is_slowed_and_says_for_how_long(sari, dialogue):
    answers = [
        await sari.post("/obrolan/pesan", json={"teks": "halo", "nomor": number}, headers=SCRIPT_ASKS)
        for number in range(10, 30)
    ]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and int(refused[0].headers["retry-after"]) >= 1
    assert len(dialogue.handled) == 20 - len(refused)


def test_pace_frees_itself_with_time_and_keeps_chats_apart():
    now = [0.0]
    pace = Pace(burst=2, every_s=3, clock=lambda: now[0])
    assert [pace.wait_s("sari"), pace.wait_s("sari"), pace.wait_s("sari")] == [0, 0, 3]
    assert pace.wait_s("joko") == 0
    now[0] = 3.0
    assert [pace.wait_s("sari"), pace.wait_s("sari")] == [0, 3]


async def test_joko_cannot_read_saris_chat_with_a_forged_cookie(site, sari):
    await sari.get("/")
    async with browser_of(site) as joko:
        joko.cookies.set("silvi_obrolan", sari.cookies["silvi_obrolan"].split(".")[0] + ".forged.signature")
        assert (await joko.get("/obrolan/riwayat")).status_code == 401
        assert (await joko.get("/obrolan/aliran")).status_code == 401
        assert (await joko.post("/obrolan/pesan", data={"teks": "x"}, headers=OWN_PAGE)).status_code == 401


async def test_every_answer_carries_the_security_headers(sari):
    for path in ("/", "/health", "/tidak-ada", "/static/silvi.css"):
        response = await sari.get(path)
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"


async def test_cookie_is_hidden_from_scripts_and_other_sites(site):
    async with browser_of(site) as browser:
        cookie = (await browser.get("/")).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie


async def test_cookie_is_secure_behind_https(app, settings, dialogue):
    app.settings = settings.model_copy(update={"web_public_url": "https://silvi.test"})
    async with browser_of(build(app, take_turn=dialogue.turn)) as browser:
        assert "Secure" in (await browser.get("/")).headers["set-cookie"]


async def test_static_files_are_kept_as_long_as_their_content_stands(sari):
    address = re.search(r'href="(/static/silvi\.css\?v=[0-9a-f]+)"', (await sari.get("/")).text).group(1)
    assert "immutable" in (await sari.get(address)).headers["cache-control"]
    assert (await sari.get("/static/silvi.css")).headers["cache-control"] == "public, max-age=300"
    assert (await sari.get("/")).headers["cache-control"] == "no-store"


async def test_browser_that_refuses_cookies_is_told_so(site):
    async with browser_of(site) as browser:
        page = (await browser.get("/?mulai=1")).text
    assert "Silvi perlu izin cookie" in page and "http-equiv" not in page and "obrolan.js" not in page


async def test_health_tells_the_state_of_each_part(sari, app):
    response = await sari.get("/health")
    parts = response.json()
    assert (response.status_code, parts["status"], parts["database"], parts["nlu"]) == (200, "ok", "ready", "away")
    assert parts["index"] == {"entries": 90, "variants": 1800, "content_version": 1} and parts["telegram"] == "off"
    assert parts["sending"] == "off"
    assert parts["overdue_cases"] == 0


async def test_health_is_503_without_an_index(sari, app):
    app.knowledge.now = KnowledgeState(entries=0, variants=0, content_version=0, embedding="away")
    assert (await sari.get("/health")).status_code == 503


async def test_health_is_503_without_a_database(settings, dialogue):
    app = app_on(settings, "postgresql://nobody@127.0.0.1:1/none")
    async with browser_of(build(app, take_turn=dialogue.turn)) as browser:
        response = await browser.get("/health")
        page = await browser.get("/")
    assert (response.status_code, response.json()["database"]) == (503, "away")
    assert page.status_code == 200


async def test_nlu_that_never_answers_is_starting_only_for_a_while(sari, app, monkeypatch):
    app.nlu.url = "http://127.0.0.1:1"
    assert (await sari.get("/health")).json()["nlu"] == "starting"
    monkeypatch.setattr(health, "NLU_LOADS_WITHIN_S", 0.0)
    assert (await sari.get("/health")).json()["nlu"] == "away"


async def test_health_tells_how_telegram_is_reached(app, settings, dialogue):
    app.settings = settings.model_copy(update={"telegram_token": SecretStr("1:a")})
    async with browser_of(build(app, take_turn=dialogue.turn)) as browser:
        assert (await browser.get("/health")).json()["telegram"] == "polling"


async def test_health_tells_which_process_sends(app, settings, dialogue):
    app.telegram_name = "silvi_uji_bot"
    async with browser_of(build(app, take_turn=dialogue.turn)) as browser:
        assert (await browser.get("/health")).json()["sending"] == "this process"
        app.sender.came()
        assert (await browser.get("/health")).json()["sending"] == "own process"
