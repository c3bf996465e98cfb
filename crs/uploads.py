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
    """Keeps a file in memory, however large it is; the web process has refused larger bodies than it can hold."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Take files of a request that is not too long. Raises RequestDataTooBig."""
        _input, environment, content_length, *_rest = args
        if content_length > largest_body(environment["PATH_INFO"]):
            raise RequestDataTooBig
        self.activated = True


def take_files(request: HttpRequest) -> None:
    """Let this request bring a file. Call it before anything reads the form, the check of its token included."""
    request.upload_handlers = [InMemory(request)]
