import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import httpx
import pytest
from gradio_client import Client
from gradio_client.utils import QueueError
from serving import ARTICLE, GRADIO_WARNINGS, TEXT, Caller, HeldBackend, fake_summarizer, served

from summarizer.errors import BadOptionError, TooManyRequestsError
from summarizer.web.callers import find_address
from summarizer.web.deadline import run_within
from summarizer.web.passwords import PasswordFile, hash_password
from summarizer.web.rates import RateLimit
from summarizer.web.settings import Limits

pytestmark = GRADIO_WARNINGS

HELD = {"text": ARTICLE, "style": "extractive"}
#: Cheap, for the tests try many.
HASH = hash_password("tide & pool", cost=10)


@pytest.fixture(scope="module")
def server():
    with served(fake_summarizer()) as running:
        yield running


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users"
    path.write_text(f"# the newsroom\n\nina:{HASH}\n", encoding="utf-8")
    return path


def test_health_is_told_and_nothing_of_texts(server):
    Caller(server.url).post("/api/summarize", {"text": ARTICLE})

    health = Caller(server.url).get("/health").json()

    assert sorted(health) == ["memory_mb", "queue", "status", "version"]
    assert (health["status"], health["queue"]) == ("ok", 0)
    assert health["memory_mb"] > 50


@pytest.mark.parametrize(
    "path", ["/", "/health", "/api/models", "/config", "/theme.css", "/no-such", "/gradio_api/info"]
)
def test_every_answer_tells_the_browser_to_stay_on_this_server(server, path):
    headers = Caller(server.url).get(path, Origin=server.url, Accept="text/html").headers

    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not [name for name in headers if name.startswith("access-control") or name == "server"]


def test_each_page_has_scripts_with_a_mark_of_its_own(server):
    pages = [Caller(server.url).get("/", Accept="text/html,*/*") for _ in range(2)]

    marks = [page.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0] for page in pages]
    assert marks[0] != marks[1]
    for page, mark in zip(pages, marks, strict=True):
        assert page.text.count("<script") == page.text.count(f'<script nonce="{mark}"') > 3


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Host": "evil.example"},
        {"Host": ""},
    ],
)
def test_pages_of_other_sites_and_other_names_of_this_machine_are_refused(server, headers):
    for path in ("/api/clean", "/gradio_api/queue/join", "/gradio_api/call/clean"):
        response = Caller(server.url).post(path, {"text": TEXT}, **headers)
        assert response.status_code == 403
        assert response.json()["error"]["code"] == "request_refused"


def test_a_link_on_another_site_may_open_the_page(server):
    response = Caller(server.url).get("/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})

    assert response.status_code == 200


def test_a_site_that_is_named_may_show_the_page_in_a_frame():
    with served(fake_summarizer(), embed=("https://intranet.example.org",)) as server:
        policy = Caller(server.url).get("/").headers["content-security-policy"]

    assert "frame-ancestors 'self' https://intranet.example.org" in policy


def test_with_users_everything_but_health_needs_a_password(users):
    with served(fake_summarizer(), auth=users) as server:
        nobody, ina = Caller(server.url), Caller(server.url, "ina", "tide & pool")
        wrong = Caller(server.url, "ina", "tide")
        for caller in (nobody, wrong):
            response = caller.get("/")
            assert response.status_code == 401
            assert response.headers["www-authenticate"].startswith("Basic ")
            assert response.json()["error"]["code"] == "not_authorized"

        assert nobody.get("/health").status_code == 200
        for path in ("/", "/config", "/theme.css", "/api/models", "/gradio_api/info", "/gradio_api/file=/etc/passwd",
                     "/gradio_api/mcp/", "/static/img/logo.svg", "/health/", "//health"):  # fmt: skip
            assert nobody.get(path).status_code == 401, path
            assert ina.get(path).status_code != 401
        for path in ("/api/clean", "/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/call/clean"):
            assert nobody.post(path, {"text": TEXT}).status_code == 401
        assert ina.post("/api/summarize", {"text": ARTICLE}).json()["error"] is None
        client = Client(server.url, verbose=False, httpx_kwargs={"auth": ("ina", "tide & pool")})
        assert client.predict(text=ARTICLE, api_name="/summarize")["error"] is None
        client.close()


def test_passwords_that_are_tried_out_have_to_wait(users):
    with served(fake_summarizer(), auth=users) as server:
        tries = [Caller(server.url, "ina", str(number)).get("/").status_code for number in range(12)]
        right = Caller(server.url, "ina", "tide & pool").get("/")

    assert tries[:10] == [401] * 10
    assert tries[10:] == [429] * 2
    assert int(right.headers["retry-after"]) >= 1


def test_the_file_of_users_is_read_again_when_it_changes(users):
    known = PasswordFile(users)
    assert known.check("ina", "tide & pool")
    assert known.knows("ina", "tide & pool")

    users.write_text(f"ole:{hash_password('lighthouse', 10)}\n", encoding="utf-8")

    assert not known.knows("ina", "tide & pool")
    assert not known.check("ina", "tide & pool")
    assert known.check("ole", "lighthouse")
    users.write_text("not a line of users\n", encoding="utf-8")
    assert known.check("ole", "lighthouse")


def test_hashes_of_one_password_differ_and_say_how_they_were_made():
    made = [hash_password("tide & pool") for _ in range(2)]

    assert made[0].startswith("$scrypt$ln=14,r=8,p=5$")
    assert made[0] != made[1]
    with pytest.raises(BadOptionError, match="empty"):
        hash_password("")


@pytest.mark.parametrize(
    "line",
    ["", "ina", f":{HASH}", "ina:secret", f"ina:{HASH}\nina:{HASH}", "ina:$scrypt$ln=30,r=8,p=1$" + "A" * 22 * 2],
    ids=["empty", "no hash", "no name", "no scrypt", "twice", "too dear"],
)
def test_a_file_of_users_that_cannot_be_used_is_an_error(tmp_path, line):
    path = tmp_path / "users"
    path.write_text(line, encoding="utf-8")

    with pytest.raises(BadOptionError, match=r"user|hash"):
        PasswordFile(path)
    with pytest.raises(BadOptionError, match="cannot be read"):
        PasswordFile(tmp_path / "none")


def test_a_rate_is_that_of_each_caller_and_comes_back_with_time():
    now = [0.0]
    rate = RateLimit(60, most=2, clock=lambda: now[0])

    assert [rate.take("a") for _ in range(60)] == [0.0] * 60
    assert rate.take("a") == pytest.approx(1.0)
    assert rate.take("b") == 0.0
    now[0] = 1.0
    assert rate.take("a") == 0.0
    rate.take("c")
    assert rate.take("b") == 0.0


def test_whoever_asks_too_often_is_told_when_to_come_back():
    with served(fake_summarizer(), rate=3) as server:
        caller = Caller(server.url)
        answers = [caller.post("/api/clean", {"text": ARTICLE}) for _ in range(5)]
        looks = [caller.get(path).status_code for path in ("/", "/api/models", "/health", "/config")]
        client = Client(server.url, verbose=False)
        with pytest.raises(httpx.HTTPStatusError, match="429"):
            client.predict(text=ARTICLE, api_name="/clean")
        client.close()

    assert [response.status_code for response in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert "3 requests" in answers[3].json()["error"]["message"]
    assert looks == [200] * 4


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind_proxy", "found"),
    [
        ("10.0.0.9", "1.2.3.4", False, "10.0.0.9"),
        ("10.0.0.9", "6.6.6.6, 1.2.3.4", True, "1.2.3.4"),
        ("10.0.0.9", None, True, "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", None, False, "2001:db8:1:2::/64"),
        ("10.0.0.9", "6.6.6.6, " + "x" * 99, True, "x" * 64),
    ],
)
def test_only_the_proxys_own_word_is_believed_on_where_a_request_comes_from(peer, forwarded, behind_proxy, found):
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}

    assert find_address({"client": (peer, 1)}, headers, behind_proxy=behind_proxy) == found


def test_a_header_that_anybody_can_write_does_not_help_against_the_rate():
    with served(fake_summarizer(), rate=2) as server:
        caller = Caller(server.url)
        codes = [
            caller.post("/api/clean", {"text": ARTICLE}, **{"X-Forwarded-For": f"9.9.9.{number}"}).status_code
            for number in range(4)
        ]

    assert codes == [200, 200, 429, 429]


@pytest.mark.parametrize("stripped", [True, False])
def test_a_proxy_may_serve_the_page_below_a_path(stripped):
    with served(fake_summarizer(), root_path="/news") as server:
        caller, root = Caller(server.url), "" if stripped else "/news"
        forwarded = {"X-Forwarded-Host": "intranet.example.org", "X-Forwarded-Proto": "https", "Accept": "text/html"}
        page = caller.get(f"{root}/", **forwarded).text
        result = caller.post(f"{root}/api/clean", {"text": ARTICLE}).json()

        assert caller.get(f"{root}/health").status_code == 200
        assert caller.get("/newsroom/health").status_code == 404

    assert '"root":"https://intranet.example.org/news"' in page.replace(" ", "")
    assert result["error"] is None


def test_a_text_or_request_that_is_too_long_is_refused_before_any_work():
    with served(fake_summarizer(), limits=Limits(characters=1000)) as server:
        caller = Caller(server.url)
        long = caller.post("/api/clean", {"text": "x" * 1001})
        huge = caller.post("/gradio_api/call/clean", {"data": ["x" * 2_000_000]})
        endless = caller.http.post("/api/clean", content=iter([b"{"]), headers={"Content-Type": "application/json"})
        page = caller.post("/gradio_api/call/clean", {"data": ["x" * 1001, "", "", False]})

        assert page.status_code == 200
        assert "1,001 characters" in caller.get(f"/gradio_api/call/clean/{page.json()['event_id']}").text
    assert (long.status_code, huge.status_code, endless.status_code) == (413, 413, 403)
    assert long.json()["error"]["code"] == huge.json()["error"]["code"] == "input_too_large"


def test_pages_are_fetched_by_address_only_where_the_server_does_that():
    request = {"url": "https://news.example.org/story"}
    with served(fake_summarizer(), limits=Limits(fetch=None)) as server:
        response = Caller(server.url).post("/api/summarize", request)

    assert response.status_code == 403
    assert "fetches no pages" in response.json()["error"]["message"]


@pytest.mark.skipif(find_spec("mcp") is not None, reason="the extra is installed")
def test_tools_for_language_models_need_the_extra():
    with pytest.raises(BadOptionError, match="mcp"), served(fake_summarizer(), mcp=True):
        pass


def test_a_full_queue_says_so_through_every_door():
    backend = HeldBackend()
    with served(fake_summarizer(backend), limits=Limits(waiting=1)) as server, ThreadPoolExecutor(8) as pool:
        caller = Caller(server.url)
        client = Client(server.url, verbose=False)
        sent = [pool.submit(caller.post, "/api/summarize", HELD)]
        backend.begun.acquire()
        # The second one waits for the model, not in the queue, which has room for one.
        sent.append(pool.submit(caller.post, "/api/summarize", HELD))
        wait_until(lambda: working(server) == 2)
        sent.append(pool.submit(caller.post, "/api/summarize", HELD))
        wait_until(lambda: caller.get("/health").json()["queue"] == 1)

        refused = caller.post("/api/summarize", HELD)
        with pytest.raises(QueueError, match="full"):
            client.predict(**HELD, api_name="/summarize")
        assert caller.post("/api/clean", {"text": ARTICLE}).status_code == 429
        backend.go.set()
        answers = [future.result(60) for future in sent]
        client.close()

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "10"
    assert "1 requests are waiting" in refused.json()["error"]["message"]
    assert [response.json()["error"] for response in answers] == [None] * 3


def test_a_client_that_waits_is_told_its_place():
    backend = HeldBackend()
    with served(fake_summarizer(backend)) as server:
        client = Client(server.url, verbose=False)
        jobs = [client.submit(**HELD, api_name="/summarize") for _ in range(5)]
        backend.begun.acquire()

        wait_until(lambda: sorted(job.status().rank for job in jobs if job.status().rank is not None)[-3:] == [0, 1, 2])

        backend.go.set()
        assert [job.result(60)["error"] for job in jobs] == [None] * 5
        client.close()


def test_one_article_at_a_time_has_the_model():
    busy, most = [0], [0]

    class CountingBackend(HeldBackend):
        def score(self, articles):
            busy[0] += 1
            most[0] = max(most[0], busy[0])
            time.sleep(0.02)
            busy[0] -= 1
            return super(HeldBackend, self).score(articles)

    with served(fake_summarizer(CountingBackend())) as server, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Caller(server.url).post("/api/summarize", HELD).status_code, range(16)))

    assert answers == [200] * 16
    assert most == [1]


def test_work_that_takes_too_long_is_answered_and_nothing_runs_beside_it():
    backend = HeldBackend()
    with served(fake_summarizer(backend), limits=Limits(timeout=0.5)) as server:
        caller = Caller(server.url)
        late = caller.post("/api/summarize", HELD)
        behind = caller.post("/api/summarize", HELD)
        backend.go.set()
        wait_until(lambda: caller.post("/api/summarize", HELD).status_code == 200)

    assert (late.status_code, behind.status_code) == (504, 504)
    assert late.json()["error"]["code"] == "timed_out"
    assert late.json()["summary"] is None


def test_the_place_of_a_client_that_hung_up_is_free_again():
    backend = HeldBackend()
    with served(fake_summarizer(backend)) as server, ThreadPoolExecutor(8) as pool:
        caller = Caller(server.url)
        sent = [pool.submit(caller.post, "/api/summarize", HELD) for _ in range(2)]
        wait_until(lambda: working(server) == 2)
        with pytest.raises(Exception, match="timed out"):
            Caller(server.url).http.post("/api/summarize", json=HELD, timeout=0.3)

        wait_until(lambda: caller.get("/health").json()["queue"] == 0)

        backend.go.set()
        assert [future.result(60).status_code for future in sent] == [200, 200]


def test_errors_of_work_in_time_are_those_of_the_work():
    def fail(_):
        raise TooManyRequestsError("Later.", 3.5)

    with pytest.raises(TooManyRequestsError, match="Later") as caught:
        run_within(5, fail)
    assert caught.value.wait == 3.5


def working(server) -> int:
    return sum(job is not None for job in server.page._queue.active_jobs)


def wait_until(condition, seconds: float = 30.0) -> None:
    """Wait for what another thread does, as long as that may take on a machine that others use too."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.05)
