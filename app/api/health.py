"""For those who run the service: is the process alive, is it ready, and its figures for Prometheus."""

import shutil
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.service import service_of
from app.db.readiness import find_faults
from app.maps.parts_check import find_bad_parts

router = APIRouter(tags=["health 运行"])
LEAST_FREE_BYTES = 1 << 30


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(request: Request, response: Response) -> dict[str, Any]:
    """Database there, migrated, walls standing, && leakproof, disk free, parts fit; else 503 with names."""
    service = service_of(request)
    faults = find_faults(service.database)
    if shutil.disk_usage(service.settings.home).free < LEAST_FREE_BYTES:
        faults.append("disk_nearly_full")
    faults += [f"bad_page_part {part}" for part in find_bad_parts()]
    # The service works without the leakproof mark, only slower: it is told, and does not stop traffic.
    stopping = [fault for fault in faults if fault != "not_leakproof"]
    response.status_code = 503 if stopping else 200
    return {"status": "not_ready" if stopping else "ready", "faults": faults}


@router.get("/metrics", response_class=Response)
def metrics() -> Response:
    """Figures in Prometheus' text form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
