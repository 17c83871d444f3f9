"""The generated brand."""
from zoneinfo import ZoneInfo
ZONE = ZoneInfo("America/New_York")
