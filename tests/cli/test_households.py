"""getu households on the demo bank: a summary that sums, and a second run that changes nothing."""

from tests.cli.conftest import Getu


def test_the_bank_is_linked_and_every_number_has_its_denominator(getu: Getu) -> None:
    said = getu("households", "--json")
    assert said.code == 0, said.err
    counts = said.result
    assert sum(counts["bands"].values()) == counts["households"]
    assert counts["run"]["written"] + counts["run"]["same"] == counts["households"]
    assert counts["households"] * 2 <= counts["members"] <= counts["placed"] <= counts["customers"]
    assert counts["member_share"] == round(counts["members"] / counts["placed"], 4)
    again = getu("households")
    assert again.code == 0, again.err
    assert f"未变 {counts['households']:,}  写入 0  撤去 0" in again.out
    assert f"÷ 已定位 {counts['placed']:,}" in again.out
