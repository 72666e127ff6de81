"""Where can the API be tried without a program?"""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
