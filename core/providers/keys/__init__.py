"""Keys: where they come from, which one answers, and how it is added to a request, last.

    sources     environment, .env, secrets, a folder of files, AWS: one `Environ`, replaced when a source changes
    keyring     finds the key of a provider in it and signs requests
    allowance   which models a shared key may be used for

pasted > environment > .env > secrets > folder > AWS
"""

from .keyring import Keyring, credentials, how_to_get
from .shapes import Key

__all__ = ["Key", "Keyring", "credentials", "how_to_get"]
