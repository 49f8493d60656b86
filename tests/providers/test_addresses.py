"""Base URLs: what may be called, by whom, and what never."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.providers import addresses

NEVER = [
    "http://169.254.169.254/latest",
    "https://169.254.169.254/v1",
    "https://[fe80::1]/v1",
    "https://[::ffff:169.254.169.254]/v1",
    "https://[64:ff9b::a9fe:a9fe]/v1",
    "https://[2002:a9fe:a9fe::1]/v1",
    "https://[fd00:ec2::254]/v1",
    "https://100.100.100.200/v1",
    "https://0.0.0.0/v1",
    "https://[::]/v1",
    "https://224.0.0.1/v1",
    "https://[::a9fe:a9fe]/v1",
    "https://[fec0::1]/v1",
    "https://168.63.129.16/v1",
    "https://metadata.google.internal/computeMetadata/v1",
    "https://metadata.azure.internal/v1",
    "https://instance-data.ec2.internal/v1",
    "https://instance-data.us-west-2.compute.internal/v1",
    "https://METADATA.google.internal./v1",
    "file:///etc/passwd",
    "gopher://api.example.com/",
    "ftp://api.example.com/",
    "sim://embedded/v1",
    "https://user@api.example.com/v1",
    "https://user:pass@api.example.com/v1",
    "https://2130706433/v1",
    "https://0x7f000001/v1",
    "https://0177.0.0.1/v1",
    "https://127.1/v1",
    "https://1.2.3.4.5/v1",
    "https://api.example.com\\@evil.example/v1",
    "https://api.example.com/v1?key=x",
    "https://api.example.com/v1#x",
    "https://api.example.com/%2e%2e/v1",
    "https://api.example.com/../v1",
    "https://api.example.com:0/v1",
    "https://api.example.com:99999/v1",
    "https://api.example.com:x/v1",
    "https:///v1",
    "https://",
    "//api.example.com/v1",
    "api.example.com/v1",
    "https://api.exa mple.com/v1",
    "https://api.example.com/v1\n",
    "https://аpi.example.com/v1",
    "http://203.0.113.5/v1",
    "http://api.example.com/v1",
]
OPERATOR_ONLY = [
    "http://localhost:8080/v1",
    "http://127.0.0.1:9/v1",
    "http://[::1]:8000/v1",
    "http://192.168.1.20:11434",
    "http://10.0.0.3/v1",
    "http://100.64.0.7:8000/v1",
    "http://ollama:11434",
    "http://host.docker.internal:11434",
    "http://box.local/v1",
]


@pytest.mark.parametrize("url", NEVER)
def test_some_addresses_are_refused_whoever_asks(url: str) -> None:
    assert addresses.fault(url)
    assert addresses.fault(url, operator=True, local=True)


@pytest.mark.parametrize("url", OPERATOR_ONLY)
def test_http_is_for_private_hosts_that_the_operator_named(url: str) -> None:
    assert addresses.fault(url) == "must start with https://"
    assert addresses.fault(url, operator=True) is None
    assert addresses.fault(url, local=True) is None


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "https://api.example.com:8443", "https://1.1.1.1/v1"])
def test_https_is_for_everybody(url: str) -> None:
    assert addresses.fault(url) is None


@given(st.text(alphabet="htps:/@.[]0123456789abcx%\\?#- \n", max_size=40))
def test_what_passes_reads_the_same_in_two_parsers(tail: str) -> None:
    url = f"https://{tail}"
    if addresses.fault(url, operator=True) is None:
        parts = urlsplit(url)
        from yarl import URL

        assert URL(url).host == (parts.hostname or "")
        assert parts.username is None
        assert addresses.origin(url)[1] == (parts.hostname or "").rstrip(".")


DENIED = [
    "169.254.169.254", "168.63.129.16", "192.0.0.192", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1%eth0",
    "fec0::1", "feff::1", "ff02::1", "::", "fd00:ec2::254", "fd00:ec2::23", "fd00:c1::a9fe:a9fe", "fd00:42::42",
    "fd00:a9fe:a9fe::1", "100.96.0.96",
    "::ffff:100.100.100.200", "::ffff:168.63.129.16", "::ffff:0.0.0.0", "::ffff:0:a9fe:a9fe", "::a9fe:a9fe",
    "::a83f:8110", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:ffff:ffff:ffff:a9fe:a9fe",
    "64:ff9b:1:a9fe:a9:fe00::", "64:ff9b:1:a9:fe:a9fe::", "64:ff9b:1:ffa9:fe:a9fe::", "64:ff9b:1:0:a9:fea9:fe00:0",
    "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:5601:5601", "2606:4700::5efe:a9fe:a9fe",
    "2606:4700::200:5efe:a9fe:a9fe",
]  # fmt: skip
ALLOWED = [
    "1.1.1.1", "127.0.0.1", "10.0.0.1", "168.63.129.17", "::1", "2606:4700::1", "fd12:3456::1", "64:ff9b::808:808",
    "64:ff9b:1::808:808", "64:ff9b:1:808:8:800::", "::ffff:8.8.8.8", "2002:808:808::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("address", [*DENIED, "no address", ""])
def test_resolved_addresses_that_are_denied(address: str) -> None:
    assert addresses.denied(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_resolved_addresses_that_are_not(address: str) -> None:
    assert not addresses.denied(address)
