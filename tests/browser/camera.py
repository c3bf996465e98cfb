"""A camera that sees a picture: Chromium plays a y4m file instead of one (mjpeg hung)."""

from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 1280, 720
FRAMES = 5


def film(picture: Image.Image, *, path: Path) -> None:
    """Write what the camera sees: the picture on a grey table, upright and in the middle."""
    table = Image.new("L", (WIDTH, HEIGHT), 140)
    table.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    colours = b"\x80" * (WIDTH * HEIGHT // 2)  # none
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(FRAMES):
            file.write(b"FRAME\n" + table.tobytes() + colours)


def flags(path: Path) -> list[str]:
    """What Chromium is started with to see the film, and to ask nobody for permission."""
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    ]
