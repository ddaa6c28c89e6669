"""All routers, in the order in which the OpenAPI page lists them."""

from fastapi import APIRouter

from app.api import (
    assignment,
    boundaries,
    customers,
    desk,
    grids,
    health,
    imports,
    jobs,
    layers,
    pages,
    phone,
    pins,
    places,
    plans,
    prints,
    session,
    tiles,
    visits,
    worklist,
)

ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    imports.router,
    boundaries.router,
    jobs.router,
    layers.router,
    places.router,
    worklist.router,
    plans.router,
    grids.router,
    customers.router,
    assignment.router,
    visits.router,
    prints.router,
    tiles.router,
    health.router,
    pages.router,
    desk.router,
    pins.router,
    phone.router,
)
