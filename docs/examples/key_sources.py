from pathlib import Path

from roundtable import KeyFolder, build

Path("secrets").mkdir(exist_ok=True)
Path("secrets/GROQ_API_KEY").write_text("gsk_an_example_of_a_key_0123456789")
with build(key_sources=[{"MISTRAL_API_KEY": "from a vault of yours"}, KeyFolder("secrets")]) as engine:
    for name in ("groq", "mistral"):
        print(name, engine.keyring.find(engine.catalog.providers[name]))  # where it was found; never its value
