"""Settings from the environment: a wrong one is named at the start, and never with its value."""

import pytest

from app.errors import BadInput
from app.settings import Settings, read_settings


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return read_settings()


def test_no_map_service_is_switched_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, GETU_AMAP__KEY="k3y")
    assert settings.geocode_providers == ()
    assert read(monkeypatch, GETU_GEOCODE_PROVIDERS=" , ").geocode_providers == ()


def test_services_are_asked_in_the_order_in_which_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        GETU_GEOCODE_PROVIDERS="tianditu, amap tianditu",
        GETU_AMAP='{"key": "k3y", "qps": 0.5, "url": "https://gateway.bank/amap/"}',
        GETU_TIANDITU__KEY="t0k3n",
        GETU_TIANDITU__DAILY_QUOTA="700",
    )
    assert settings.geocode_providers == ("tianditu", "amap")
    assert (settings.amap.qps, settings.amap.url) == (0.5, "https://gateway.bank/amap")
    assert settings.tianditu.daily_quota == 700
    assert not any(hidden in repr(settings) + str(settings) for hidden in ("k3y", "t0k3n"))


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"GETU_GEOCODE_PROVIDERS": "gogle"}, "GETU_GEOCODE_PROVIDERS"),
        ({"GETU_GEOCODE_PROVIDERS": "amap"}, "GETU_AMAP__KEY"),
        ({"GETU_GEOCODE_PROVIDERS": "nominatim"}, "GETU_NOMINATIM__URL"),
        ({"GETU_AMAP__QPS": "s3cret"}, "GETU_AMAP__QPS"),
        ({"GETU_AMAP__QPS": "0"}, "GETU_AMAP__QPS"),
        ({"GETU_AMAP__TIMEOUT": "3600"}, "GETU_AMAP__TIMEOUT"),
        ({"GETU_AMAP__DAILY_QUOTA": "-1"}, "GETU_AMAP__DAILY_QUOTA"),
        ({"GETU_AMAP__URL": "file:///s3cret"}, "GETU_AMAP__URL"),
        ({"GETU_AMAP__URL": "https://user:s3cret@gateway.bank"}, "GETU_AMAP__URL"),
        ({"GETU_AMAP__SECRTE": "s3cret"}, "GETU_AMAP__SECRTE"),
        ({"GETU_AMAP": "s3cret"}, "GETU_AMAP"),
        ({"GETU_GEOCODE_PROXY": "s3cret"}, "GETU_GEOCODE_PROXY"),
        ({"GETU_GEOCODE_KEEP_DAYS": "0"}, "GETU_GEOCODE_KEEP_DAYS"),
        ({"GETU_WORKERS": "many"}, "GETU_WORKERS"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read(monkeypatch, **variables)
    assert refused.value.code == "bad_setting"
    assert f" {named} " in refused.value.en
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None
