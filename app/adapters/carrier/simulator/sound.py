"""The sound of a simulated recording: a soft tone a syllable, a pause where the words pause. A valid WAV file."""

from __future__ import annotations

import io
import math
import struct
import wave

RATE = 8000
SYLLABLE = 0.16
LIMIT_SECONDS = 60


def duration_seconds(words: str) -> int:
    """About how long these words take to say; at least one second."""
    return max(1, min(LIMIT_SECONDS, math.ceil(len(words) * SYLLABLE)))


def wav(words: str) -> bytes:
    """Mono, 16 bit, 8 kHz."""
    frames = bytearray()
    for place in range(round(duration_seconds(words) / SYLLABLE)):
        char = words[place] if place < len(words) else " "
        pitch = 180 + ord(char) % 12 * 14
        loud = 0 if char in " ,.;:!?，。；：！？、\n" else 5000
        for sample in range(int(RATE * SYLLABLE)):
            fade = math.sin(math.pi * sample / (RATE * SYLLABLE))
            frames += struct.pack("<h", round(loud * fade * math.sin(2 * math.pi * pitch * sample / RATE)))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))
    return out.getvalue()
