"""The catalogue: every shipped table, tables of one's own, overrides by environment, and finding a model."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import MissingKey, ModelNotFound, Setup
from core.providers import catalog, tables
from core.providers.catalog import Catalog, load, missing_options
from core.providers.tables import WIRES
from core.records import Privacy, Provider
from core.wire import FORMATS

ROOT = Path(__file__).resolve().parents[2]
CANARY = "sk-canary-0123456789abcdef"
SHIPPED = list(load().providers.values())
WANTED = """
    sim sim-north sim-south openai huggingface huggingface-inference cohere ai21 dialogflow-es dialogflow-cx anthropic
    gemini mistral groq
    cerebras openrouter together sambanova nvidia cloudflare deepseek zhipu zai siliconflow moonshot dashscope qianfan
    moonshot-cn ark stepfun minimax sensenova internlm xai fireworks novita nebius scaleway poolside pollinations
    requesty aionlabs inception vercel kilo
    spark hunyuan ovhcloud llm7 ollama llamacpp lmstudio vllm github-models ollama-cloud modelscope
"""
QUIRKS = {
    "api",
    "call_id_characters",
    "form_or_tools",
    "unstreamed",
    "unthinking_tools",
    "effort",
    "ignores",
    "lacks",
    "lists_without_key",
    "counts_max_tokens",
    "max_messages",
    "max_tokens_name",
    "models_path",
    "no_stream_options",
    "not_idempotent",
    "pdf",
    "picture_url",
    "reasoning_back",
    "required_tool",
    "seed_name",
}
each = pytest.mark.parametrize("provider", SHIPPED, ids=lambda provider: provider.id)


def own(folder: Path, text: str) -> Catalog:
    (folder / ".streamlit").mkdir(exist_ok=True)
    (folder / ".streamlit" / "providers.toml").write_text(text, encoding="utf-8")
    return load({}, folder)


def test_every_wanted_provider_is_there() -> None:
    assert set(WANTED.split()) <= {provider.id for provider in SHIPPED}
    assert SHIPPED[0].id == "sim"
    assert set(WIRES) == set(FORMATS)


@each
def test_every_table_says_where_it_comes_from(provider: Provider) -> None:
    assert provider.label
    assert provider.source
    assert provider.checked
    assert provider.checked <= date(2026, 11, 29)
    assert provider.docs.startswith("https://") or provider.simulated
    for limit in provider.limits:
        assert limit.source
        assert limit.checked or "older" in limit.source or "before" in limit.note
        assert limit.amount is None or limit.amount > 0


@each
def test_every_table_fits_together(provider: Provider) -> None:
    assert set(provider.quirks) <= QUIRKS
    names = {model.name for model in (*provider.models, *provider.speech)}
    for limit in provider.limits:
        ZoneInfo(limit.zone)
        assert all("*" in name or name in names for name in limit.models)
    for model in provider.models:
        assert model.id == f"{provider.id}/{model.name}"
        assert model.listed or model.note
        assert not model.successor or model.successor in names
        assert (model.usd_per_million_in is None) == (model.usd_per_million_out is None)
    assert provider.key_url or not provider.key_names or provider.local or provider.state == "retired"
    assert (provider.auth == "none") <= (not provider.key_names)


@each
def test_every_base_url_can_be_overridden(provider: Provider) -> None:
    variable = f"{provider.id.upper().replace('-', '_')}_BASE_URL"
    catalog = load({variable: "http://127.0.0.1:9/v1/"})
    wanted = "http://127.0.0.1:9" if provider.wire == "ollama" else "http://127.0.0.1:9/v1"
    assert catalog.providers[provider.id].base_url == wanted
    assert catalog.problems == ()


@each
def test_every_key_and_option_stands_in_the_example(provider: Provider) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    if provider.state != "retired":
        for name in (*provider.key_names[:1], *provider.needs.values()):
            assert f"#{name}=" in example


def test_days_of_gemini_end_at_midnight_in_california() -> None:
    assert {limit.zone for limit in load().providers["gemini"].limits} == {"America/Los_Angeles"}
    assert {limit.zone for limit in load().providers["cloudflare"].limits} == {"UTC"}


def test_find_knows_catalogued_models_and_takes_any_other() -> None:
    catalog = load()
    provider, model = catalog.find("groq/openai/gpt-oss-20b")
    assert (provider.id, model.name, model.size, model.window_tokens) == (
        "groq",
        "openai/gpt-oss-20b",
        "small",
        131_000,
    )
    _, other = catalog.find("openrouter/some/new-model:free")
    assert (other.name, other.size, other.window_tokens, other.free) == ("some/new-model:free", None, None, None)


@pytest.mark.parametrize("model_id", ["nobody/x", "", "groq", "groq/", "groq/a b\n", "groq/../x", "groq/x?key=1", "/x"])
def test_find_raises_for_what_is_no_model(model_id: str) -> None:
    with pytest.raises(ModelNotFound):
        load().find(model_id)


def test_a_retired_provider_is_told_with_date_and_reason() -> None:
    assert load().providers["github-models"].state == "retired"
    with pytest.raises(ModelNotFound, match=r"GitHub Models was retired on 2026-07-30: .*410"):
        load().find("github-models/gpt-4o")


def test_options_come_from_the_environment() -> None:
    with pytest.raises(MissingKey, match="CLOUDFLARE_ACCOUNT_ID"):
        load().find("cloudflare/x")
    provider, _ = load({"CLOUDFLARE_ACCOUNT_ID": "abc123"}).find("cloudflare/x")
    assert provider.options == {"account": "abc123"}
    assert missing_options(load({"DIALOGFLOW_PROJECT_ID": "p"}).providers["dialogflow-cx"]) == (
        "DIALOGFLOW_CX_AGENT_ID",
    )


def test_an_option_can_be_the_whole_address() -> None:
    catalog = load({"HF_ENDPOINT_URL": "http://127.0.0.1:8080/generate_stream"})
    assert catalog.find("huggingface-inference/endpoint")[0].base_url == "http://127.0.0.1:8080/generate_stream"
    refused = load({"HF_ENDPOINT_URL": "http://169.254.169.254/"})
    assert refused.problems == (
        "HF_ENDPOINT_URL points at an address that must never be called (metadata or link-local)",
    )
    with pytest.raises(Setup):
        refused.find("huggingface-inference/endpoint")


@pytest.mark.parametrize("value", ["../../evil", "a/b", "a b", "x@y", CANARY + "\n?"])
def test_an_odd_option_blocks_its_provider(value: str) -> None:
    catalog = load({"CLOUDFLARE_ACCOUNT_ID": value})
    assert len(catalog.problems) == 1
    assert value not in catalog.problems[0]
    with pytest.raises(Setup):
        catalog.find("cloudflare/x")


def test_a_wrong_override_blocks_rather_than_calls_the_public_host() -> None:
    catalog = load({"GROQ_BASE_URL": f"http://user:{CANARY}@gateway/"})
    assert "GROQ_BASE_URL" in catalog.problems[0]
    with pytest.raises(Setup) as caught:
        catalog.find("groq/x")
    assert CANARY not in caught.value.message + str(catalog.problems)
    assert catalog.find("openai/x")


def test_an_own_gateway_is_three_lines(tmp_path: Path) -> None:
    catalog = own(
        tmp_path, '[gateway]\nwire = "openai"\nbase_url = "http://10.0.0.5:4000/v1/"\nkey_names = ["GATEWAY_KEY"]\n'
    )
    provider, _ = catalog.find("gateway/anything")
    assert catalog.problems == ()
    assert (provider.label, provider.auth, provider.base_url) == ("gateway", "bearer", "http://10.0.0.5:4000/v1")
    assert list(catalog.providers)[-1] == "gateway"


def test_a_table_of_ones_own_speaks_openai_where_it_names_no_wire(tmp_path: Path) -> None:
    catalog = own(
        tmp_path, '[box]\nbase_url = "http://192.168.1.20:8000/v1"\n[claude]\nbase_url = "http://10.0.0.5/v1"\n'
    )
    assert catalog.problems == ()
    assert catalog.providers["box"].wire == "openai"
    replaced = own(tmp_path, '[anthropic]\nbase_url = "http://10.0.0.5/v1"\n')
    assert replaced.providers["anthropic"].wire == "anthropic"


def test_a_single_field_of_a_shipped_table_can_be_replaced(tmp_path: Path) -> None:
    catalog = own(tmp_path, '[groq]\nbase_url = "https://gateway.example/groq"\nquirks = { body = { top_k = 0.5 } }\n')
    provider = catalog.providers["groq"]
    assert (provider.base_url, provider.quirks) == ("https://gateway.example/groq", {"body": {"top_k": 0.5}})
    assert provider.models == load().providers["groq"].models
    assert list(catalog.providers)[:2] == ["sim", "groq"]


def test_prices_and_limits_are_exact(tmp_path: Path) -> None:
    table = '[p]\nwire = "openai"\nbase_url = "https://h.example"\n'
    rows = 'limits = [{ pool = "key", unit = "usd", per = "day", amount = 0.1 }]\n'
    models = 'models = [{ name = "m", usd_per_million_in = 0.3, usd_per_million_out = 0 }]\n'
    provider = own(tmp_path, table + rows + models).providers["p"]
    assert provider.limits[0].amount == Decimal("0.1")
    assert (provider.models[0].usd_per_million_in, provider.models[0].usd_per_million_out) == (Decimal("0.3"), 0)


FAULTS = [
    ('wire = "soap"', "wire must be one of"),
    ('base_url = "http://api.example.com"', "base_url may use http only"),
    ('base_url = "https://h.example/{account}"', "neither needs nor options"),
    ("base_url = 5", "base_url must be a line of text"),
    (f'key_names = ["{CANARY}"]', "never the key itself"),
    (f'api_key = "{CANARY}"', "api_key is not a field"),
    (f'headers = {{ Authorization = "{CANARY}" }}', "headers must not hold a key"),
    ('headers = { "X-A" = "a\\r\\nb" }', "headers must hold printable"),
    ('auth = "magic"', "auth must be one of"),
    ('auth = "bearer"', "key_names is missing"),
    ('state = "retired"\nreason = "x"', "retired_on is missing"),
    ('models = [{ name = "a" }, { name = "a" }]', "models[0].name is used twice"),
    ('models = [{ name = "a", window_tokens = 0 }]', "models[0].window_tokens must be a whole number from 1"),
    ('models = [{ name = "a", window_tokens = true }]', "models[0].window_tokens"),
    ('models = [{ name = "a", usd_per_million_in = -1 }]', "models[0].usd_per_million_in"),
    ('models = [{ name = "a", usd_per_million_in = nan }]', "models[0].usd_per_million_in"),
    ('models = [{ size = "small" }]', "models[0].name is missing"),
    ("models = 3", "models must be a list"),
    ("models = [3]", "models[0] must be a table"),
    ('limits = [{ pool = "moon", unit = "requests", per = "day" }]', "limits[0].pool must be one of"),
    (
        'limits = [{ pool = "key", unit = "requests", per = "day", amount = 0 }]',
        "limits[0].amount must be a number above 0",
    ),
    ('limits = [{ pool = "key", unit = "requests", per = "day", amount = 1e99 }]', "limits[0].amount"),
    ('limits = [{ pool = "key", unit = "requests", per = "day", zone = "../x" }]', "limits[0].zone"),
    ('checked = "2026-01-01"', "checked must be a date"),
    ("privacy = { trains = 1 }", "privacy.trains must be true or false"),
    ('docs = "http://x.example"', "docs must be an https address"),
    ("simulated = 1", "simulated must be true or false"),
]


@pytest.mark.parametrize(("line", "says"), FAULTS)
def test_a_faulty_table_is_told_with_its_line_and_left_out(line: str, says: str, tmp_path: Path) -> None:
    base = "" if line.startswith("base_url") else 'base_url = "https://h.example"\n'
    wire = "" if line.startswith("wire") else 'wire = "openai"\n'
    catalog = own(
        tmp_path, f'# mine\n[mine]\n{wire}{base}{line}\n[good]\nwire = "openai"\nbase_url = "https://g.example"\n'
    )
    assert len(catalog.problems) == 1, catalog.problems
    number = 2 if "missing" in says and "models" not in says else 2 + len((wire + base + line).splitlines())
    assert catalog.problems[0].startswith(f".streamlit/providers.toml line {number}: [mine] ")
    assert says in catalog.problems[0]
    assert CANARY not in str(catalog.problems)
    assert "mine" not in catalog.providers
    assert catalog.find("good/x")


FIELDS = [
    *tables._Provider.__annotations__,
    "limits_from.zone",
    "limits.amount",
    "limits.models",
    "models.name",
    "what",
]
VALUES = [
    *("5", "-1", "1e99", "nan", "true", '""', '"\\t"', '"x"', "2026-01-01", "2026-01-01T00:00:00"),
    *("[]", "[[]]", "[{}, 5]", "{}", "{ a = 5 }", '{ "" = "" }', "{ a = [{ b = nan }] }"),
    *(f'"{CANARY}"', f'["{CANARY}"]', f'{{ x = "{CANARY}" }}'),
]


@pytest.mark.parametrize("field", FIELDS)
def test_whatever_stands_in_a_field_it_is_taken_or_told_in_a_sentence_of_ours(field: str) -> None:
    """Never pydantic's own words, never the value: it may be a key."""
    name, _, inner = field.partition(".")
    for value in VALUES:
        inside = f"{{ {inner} = {value} }}" if inner else value
        literal = f"[{inside}]" if name in ("limits", "models") and inner else inside
        table = tomllib.loads(f"{name} = {literal}", parse_float=Decimal)
        for address in ({}, {"base_url": "https://h.example"}):
            provider, faults = tables.read("p", {**address, **table}, shipped=False, operator=True)
            assert (provider is None) == bool(faults)
            assert all(fault.says.startswith(("is ", "must ", "may ", "holds ")) for fault in faults), faults
            assert CANARY not in str(faults)


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    catalog = own(tmp_path, '[mine]\nwire = "x"\nbase_url = 1\nfoo = 2\n[Bad]\nwire = "openai"\n')
    assert [problem.partition(": ")[2].split(" must")[0] for problem in catalog.problems[:3]] == [
        "[mine] wire",
        "[mine] base_url",
        "[mine] foo is not a field of this table",
    ]
    assert len(catalog.problems) == 5


@pytest.mark.parametrize(
    "broken", [f'base_url = "{CANARY}', f"wire = {CANARY}", "wire = 'a'\nwire = 'b'", "= 1", 'wire = "openai" x']
)
def test_a_file_that_is_no_toml_still_gives_its_good_tables(broken: str, tmp_path: Path) -> None:
    good = 'wire = "openai"\nbase_url = "https://g.example"\n'
    catalog = own(tmp_path, f"[good]\n{good}\n[groq]\n{broken}\n\n[fine]\n{good}[[fine.models]]\nname = 'a'\n")
    line = 7 if broken.count("\n") else 6
    assert catalog.problems == (f".streamlit/providers.toml line {line}: not valid TOML, left out",)
    assert catalog.find("good/x")
    assert catalog.find("fine/a")
    with pytest.raises(Setup):
        catalog.find("groq/x")


def test_a_table_written_twice_counts_once(tmp_path: Path) -> None:
    table = '[twin]\nwire = "openai"\nbase_url = "https://{}.example"\n'
    catalog = own(tmp_path, table.format("one") + table.format("two"))
    assert catalog.problems == (
        ".streamlit/providers.toml line 4: this table was written before, the first one counts",
    )
    assert catalog.providers["twin"].base_url == "https://one.example"


def test_a_fault_before_the_first_table_is_told_too(tmp_path: Path) -> None:
    catalog = own(tmp_path, '# mine\n<<<<<<< HEAD\n[good]\nwire = "openai"\nbase_url = "https://g.example"\n')
    assert catalog.problems == (".streamlit/providers.toml line 2: not valid TOML, left out",)
    assert catalog.find("good/x")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"not toml at all", b"<<<<<<< HEAD"])
def test_a_file_that_cannot_be_read_leaves_the_shipped_catalogue(content: bytes, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "providers.toml").write_bytes(content)
    catalog = load({}, tmp_path)
    assert len(catalog.problems) == 1
    assert len(catalog.providers) == len(SHIPPED)


def test_a_fault_in_the_shipped_file_is_loud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "catalog.toml"
    broken.write_text('[a]\nwire = "x"\n[b]\nlabel = "B"\n', encoding="utf-8")
    monkeypatch.setattr(catalog, "_SHIPPED", broken)
    with pytest.raises(Setup) as caught:
        load()
    assert "catalog.toml: [a] wire must be one of" in caught.value.message
    assert "catalog.toml: [b] wire is missing" in caught.value.message


def test_the_example_of_own_providers_loads(tmp_path: Path) -> None:
    example = (ROOT / ".streamlit" / "providers.toml.example").read_text(encoding="utf-8")
    catalog = own(tmp_path, example)
    assert catalog.problems == ()
    assert catalog.find("gateway/team-small")[1].window_tokens == 32_000


def test_days_end_at_the_providers_own_midnight() -> None:
    providers = catalog.load().providers
    chinese = [
        "zhipu",
        "zai",
        "siliconflow",
        "modelscope",
        "dashscope",
        "deepseek",
        "moonshot",
        "qianfan",
        "spark",
        "hunyuan",
    ]
    assert {name: providers[name].zone for name in chinese} == dict.fromkeys(chinese, "Asia/Shanghai")
    assert {limit.zone for name in chinese for limit in providers[name].limits} == {"Asia/Shanghai"}
    assert providers["gemini"].limits[0].zone == "America/Los_Angeles"


@pytest.mark.parametrize(
    ("variable", "value", "base_url"),
    [
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/chat/completions", "http://127.0.0.1:9/v1"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/models/", "http://127.0.0.1:9/v1"),
        ("ANTHROPIC_BASE_URL", "https://gate.example/v1/messages", "https://gate.example/v1"),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:9/v1", "http://127.0.0.1:9"),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:9/api/chat", "http://127.0.0.1:9"),
        *(
            ("OPENAI_BASE_URL", pasted, "https://gate.example/v1")
            for pasted in (
                '"https://gate.example/v1"',
                "\ufeffhttps://gate.example/v1/",
                "<https://gate.example/v1>",
                "gate.example/v1",
                "HTTPS://gate.example/v1",
                "https：//gate.example/v1。",
                "https://gate。example/v1",
                "https://gate.example//v1#top",
                "https://gate.example/v1/completions?",
            )
        ),
        ("OPENAI_BASE_URL", "localhost:8000/v1", "http://localhost:8000/v1"),
        ("OPENAI_BASE_URL", "192.168.1.7:8000", "http://192.168.1.7:8000"),
        ("OLLAMA_BASE_URL", "localhost:11434/v1", "http://localhost:11434"),
        ("OLLAMA_HOST", "0.0.0.0:9", "http://127.0.0.1:9"),
        ("OLLAMA_HOST", ":9", "http://127.0.0.1:9"),
        ("OLLAMA_HOST", "0.0.0.0", "http://127.0.0.1:11434"),
        ("OLLAMA_HOST", "https://box.local", "https://box.local:443"),
        ("OLLAMA_HOST", "192.168.1.7", "http://192.168.1.7:11434"),
        (
            "OPENAI_BASE_URL",
            "https://x.example/deploy?api-version=2026-01-01",
            "https://x.example/deploy?api-version=2026-01-01",
        ),
    ],
)
def test_an_address_is_mended(variable: str, value: str, base_url: str) -> None:
    catalog = load({variable: value})
    assert catalog.problems == ()
    assert catalog.providers[variable.partition("_")[0].lower()].base_url == base_url


def test_an_address_with_a_key_in_it_is_refused() -> None:
    catalog = load({"OPENAI_BASE_URL": "https://x.example/v1?api_key=abc"})
    assert "must not have a query that may hold a key" in catalog.problems[0]
    assert "abc" not in catalog.problems[0]


def test_a_vendors_name_before_another_host_tells_of_that_host() -> None:
    catalog = load({"GROQ_BASE_URL": "http://10.0.0.5:8000/v1", "OLLAMA_HOST": "10.0.0.6"})
    assert catalog.providers["groq"].privacy == Privacy(region="10.0.0.5")
    assert catalog.providers["ollama"].privacy == Privacy(region="10.0.0.6")
    assert load({"OLLAMA_HOST": "localhost:9"}).providers["ollama"].privacy.region == "this computer"


def test_a_path_of_windows_is_a_model() -> None:
    model_id = r"llamacpp/C:\models\tiny chat.gguf"
    assert load().find(model_id)[1].name == r"C:\models\tiny chat.gguf"
    with pytest.raises(ModelNotFound):
        load().find(r"llamacpp/..\..\x")
