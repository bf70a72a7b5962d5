"""Results of the long proofs, kept as JSON: what was tried how often, what failed, how long it took."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parents[2] / "instance" / "prove"


@contextmanager
def kept_result(name: str, folder: Path = FOLDER, **facts: Any) -> Iterator[dict[str, Any]]:
    """A dict to note numbers in; written with its time whether the proof holds or not."""
    noted: dict[str, Any] = {"proof": name, "at": datetime.now(UTC).isoformat(), "holds": False, **facts}
    began = time.perf_counter()
    try:
        yield noted
        noted["holds"] = True
    finally:
        noted["seconds"] = round(time.perf_counter() - began, 2)
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(noted, ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
