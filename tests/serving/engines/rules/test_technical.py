"""What machines write is nobody's, and what only looks like it stays."""

import pytest

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from schemas.text.fold import fold
from serving.engines.rules.technical import is_technical


def technical(kind: T, marked: str) -> bool:
    """Whether what stands in 【】 is technical as a value of `kind`."""
    before, _, rest = marked.partition("【")
    value, _, after = rest.partition("】")
    return is_technical(fold(before + value + after), Entity(len(before), len(before) + len(value), kind))


@pytest.mark.parametrize(
    ("kind", "marked"),
    [
        (T.IP_ADDRESS, "mask 【255.255.240.0】"),
        (T.IP_ADDRESS, "permit ip 172.20.8.0 【0.0.7.255】"),
        (T.IP_ADDRESS, "Mozilla/5.0 Chrome/【126.0.0.0】 Safari/537.36"),
        (T.PASSWORD, "amqp://a:b7@queue:【5672/】"),
        (T.PASSWORD, "ssh host -p 【2201】"),
        (T.PHONE_NUMBER, "【1650000000123】 saved"),
        (T.SECRET_KEY, "ssh-ed25519 【AAAAC3NzaC1lZDI1NTE5】 me@host"),
        (T.SECRET_KEY, "-----BEGIN CERTIFICATE-----\nMIIBx\n【q0ZsVu24】\n-----END CERTIFICATE-----"),
        (T.SECRET_KEY, "【-----BEGIN RSA PUBLIC KEY-----】"),
        (T.SECRET_KEY, "integrity 【sha512-x0Zs/vu24】"),
        (T.IP_ADDRESS, "pip freeze\nnumpy==【16.18.25.44】"),
        (T.IP_ADDRESS, "├── numpy@【18.5.19.22】"),
        (T.IP_ADDRESS, "X-Mailer: Foxmail 【7.2.25.254】[cn]"),
        (T.USERNAME, "npm WARN deprecated 【sqlalchemy】@v16.18.14"),
        (T.USERNAME, "npm WARN deprecated 【sqlalchemy】@v16.18.14.7"),
        (T.EMAIL, "clone 【git@code.example.org】:a/b.git"),
    ],
)
def test_what_machines_write_is_technical(kind: T, marked: str) -> None:
    assert technical(kind, marked)


@pytest.mark.parametrize(
    ("kind", "marked"),
    [
        (T.IP_ADDRESS, "gateway 【192.0.2.1】"),
        (T.IP_ADDRESS, "ip==【192.0.2.1】 && src_ip==192.0.2.7"),
        (T.IP_ADDRESS, "where server==【192.0.2.1】"),
        (T.IP_ADDRESS, "if (upstream==【192.0.2.1】)"),
        (T.USERNAME, "ssh 【lihua】@192.0.2.1"),
        (T.IP_ADDRESS, "ssh lihua@【192.0.2.1】"),
        (T.PASSWORD, "PIN 【2201】"),
        (T.PHONE_NUMBER, "【8613612345678】"),
        (T.SECRET_KEY, "-----BEGIN CERTIFICATE-----\nMIIBx\n-----END CERTIFICATE-----\nkey 【q0ZsVu24】"),
        (T.SECRET_KEY, "【-----BEGIN PRIVATE KEY-----\nMIIBx】"),
        (T.EMAIL, "【gita@example.org】"),
        (T.USERNAME, "【git】"),
    ],
)
def test_values_of_persons_stay(kind: T, marked: str) -> None:
    assert not technical(kind, marked)
