"""Files that people send: no page takes one but those that say so, and none ever touches the disk."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler
from django.http import HttpRequest

from crs.web.bodies import largest_body


class NoFiles(FileUploadHandler):
    """Refuses every file; it is the handler of all pages (`FILE_UPLOAD_HANDLERS`)."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Raise TooManyFilesSent."""
        raise TooManyFilesSent("This page takes no file.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Nothing comes so far."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Nothing comes so far."""


class InMemory(MemoryFileUploadHandler):
    """Keeps files in memory, however large they are; the web process has refused larger bodies than it can hold."""

    def __init__(self, request: HttpRequest, *, most: int) -> None:
        super().__init__(request)
        self._left = most

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Take files of a request that is not too long. Raises RequestDataTooBig."""
        _input, environment, content_length, *_rest = args
        if content_length > largest_body(environment["PATH_INFO"]):
            raise RequestDataTooBig
        self.activated = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Raise TooManyFilesSent where the page takes fewer; a field left empty brings none."""
        self._left -= 1
        if self._left < 0:
            raise TooManyFilesSent("This page takes fewer files.")
        super().new_file(*args, **kwargs)


def take_files(request: HttpRequest, *, most: int = 1) -> None:
    """Let this request bring so many files. Call it before anything reads the form, the check of its token included."""
    request.upload_handlers = [InMemory(request, most=most)]
