"""Pictures of a base map by HTTP: who sees them, how long they keep, what is said when they are not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.maps.base import Base, Wish, add_base, remove_base
from tests.conftest import DemoBank
from tests.maps.base_files import lay_tiles, picture, plain

PLACE = (9, 428, 208)


@pytest.fixture
def base(demo_bank: DemoBank, tmp_path: Path) -> Iterator[Base]:
    folder = demo_bank.settings.bases
    yield add_base(folder, lay_tiles(tmp_path / "a.mbtiles", [PLACE]), Wish(key="streets"))
    remove_base(folder, "streets")


@pytest.mark.parametrize("role", ["head", "branch_head", "manager", "analyst"])
def test_whoever_may_see_the_ground_is_given_the_picture_to_keep(
    demo_bank: DemoBank, base: Base, role: str
) -> None:
    client = demo_bank.client(role)
    address = base.address.format(z=PLACE[0], x=PLACE[1], y=PLACE[2])
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == picture(plain(*PLACE))
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    unversioned = client.get(address.partition("?")[0])
    assert unversioned.headers["cache-control"] == "private, no-cache"


def test_what_is_not_there_is_told_in_two_languages(demo_bank: DemoBank, base: Base) -> None:
    client = demo_bank.client("head")
    assert client.get("/base/streets/9/0/0").status_code == 204
    assert client.get("/base/streets/12/3424/1664").status_code == 204
    for path, status, code in [
        ("/base/streets/9/512/0", 422, "no_such_tile"),
        ("/base/streets/9/0/-1", 422, "no_such_tile"),
        ("/base/streets/23/0/0", 422, "no_such_tile"),
        ("/base/streets/99999999999999999999/0/0", 422, "no_such_tile"),
        ("/base/streets/a/0/0", 422, "malformed"),
        ("/base/nothing/9/428/208", 404, "no_base"),
        ("/base/..%2Fstreets/9/428/208", 404, "http_404"),
        ("/base/%E5%BA%95/9/428/208", 404, "no_base"),
    ]:
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.json()["detail_zh"]
        assert answer.json()["detail_en"]
    assert demo_bank.client().get("/base/streets/9/428/208").status_code == 401


def test_a_file_that_is_gone_or_spoilt_is_a_503_with_words(demo_bank: DemoBank, base: Base) -> None:
    client = demo_bank.client("head")
    kept = demo_bank.settings.bases / base.file
    content = kept.read_bytes()
    for spoilt in (content[:3000], b"", None):
        kept.unlink(missing_ok=True)
        if spoilt is not None:
            kept.write_bytes(spoilt)
        answer = client.get("/base/streets/9/428/208")
        assert (answer.status_code, answer.json()["code"]) == (503, "base_away")
        assert ".mbtiles" not in answer.text
    kept.write_bytes(content)
    assert client.get("/base/streets/9/428/208").status_code == 200


def test_the_page_of_the_map_offers_it(demo_bank: DemoBank, base: Base) -> None:
    page = demo_bank.client("manager").get("/").text
    assert base.address in page
    assert 'id="base"' in page
