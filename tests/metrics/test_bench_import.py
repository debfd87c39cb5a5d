"""What is read from a start of the server. The measurement itself is `bench import`; here it runs once per side."""

import pytest

from humandit.errors import HumanDiTError
from humandit.metrics.bench_import import TIMES, measured
from tools.host import host_folder


def test_the_packs_line_is_found_among_others():
    log = "Import times for custom nodes:\n   0.3 seconds: /x/Other\n   0.1 seconds: /x/custom_nodes/ComfyUI-HumanDiT\n"
    assert TIMES.search(log).group(1) == "0.1"
    assert TIMES.search("   2.2 seconds (IMPORT FAILED): /x/ComfyUI-HumanDiT").group(1) == "2.2"


def test_a_folder_without_a_comfyui_is_refused(tmp_path):
    with pytest.raises(HumanDiTError, match=r"main\.py"):
        measured(tmp_path, 1, print)


@pytest.mark.host
@pytest.mark.slow
def test_starts_are_timed():
    found = measured(host_folder(), 1, lambda text: None)
    assert 0 <= found["added_seconds_median"] < 5 and found["host_seconds_median"] > 1
    assert set(found) == {"added_seconds_median", "added_wall_seconds", "host_seconds_median"}
