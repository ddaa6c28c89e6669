"""Maps to take away: the stand-alone map and wall maps."""

import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from app.access import record
from app.api.errors import PROBLEMS
from app.api.session import Asked, allowed
from app.maps import sheets, strategy, wall

router = APIRouter(prefix="/api/v1", tags=["prints 出图"], responses=PROBLEMS)
Prints = Annotated[Asked, allowed("print_maps")]
PaperKey = Literal["A0", "A1", "A2", "A3", "A4"]
Branch = Annotated[str | None, Query(max_length=32, description="branch code; all in sight when not given")]


@router.get("/map.html", response_class=HTMLResponse)
def download_map(asked: Prints, branch: Branch = None) -> HTMLResponse:
    """The strategy map as one stand-alone file that opens without the service; audited."""
    html = strategy.draw_map(asked.session, branch=branch)
    record(asked.session, "download_map", subject=branch)
    return HTMLResponse(html, headers={"Content-Disposition": 'attachment; filename="getu-map.html"'})


@router.get("/wallmap.pdf", response_class=Response)
def download_wall_map(asked: Prints, branch: Branch = None, paper: PaperKey = "A3") -> Response:
    """A wall map of a branch, or of all grids in sight, as a vector PDF; audited."""
    settings = asked.service.settings
    imprint = sheets.Imprint(settings.bank_name, settings.review_number)
    sheet = sheets.read_sheet(asked.session, imprint, branch=branch)
    record(
        asked.session, "print_wall_map", subject=branch, detail={"paper": paper, "grids": len(sheet.grids)}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = wall.print_pdf(wall.draw_sheet(sheet, paper), Path(folder) / "sheet.pdf")
        body = path.read_bytes()
    name = quote(f"{sheet.branch or sheet.bank}-{paper}.pdf")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(body, media_type="application/pdf", headers=headers)
