# SPDX-License-Identifier: Apache-2.0
"""A TAXII 2.1 server (OASIS TAXII 2.1, 5.4) with one collection, in this process, on loopback.

Pages hold PAGE objects at most, whatever is asked for; `next` leads on, and X-TAXII-Date-Added-Last tells how far it is.
"""
import datetime
import http.server
import json
import threading
import urllib.parse

MEDIA = "application/taxii+json;version=2.1"
PAGE = 1000
BORN = "2026-01-01T00:00:00.000Z"


def uuid(number):
    return f"{number:08x}-0000-4000-8000-000000000000"


def indicator(number, pattern):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid(number)}", "created": BORN, "modified": BORN,
            "pattern": pattern, "pattern_type": "stix", "valid_from": BORN}


def revoked(object_):
    return {**object_, "modified": "2026-02-01T00:00:00.000Z", "revoked": True}


class Server:
    def __init__(self):
        self.rows, self.requests, self.accepted, self.broken = [], [], [], False
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.answer(self)

            def log_message(self, *words):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.collection = f"http://127.0.0.1:{self.http.server_address[1]}/api/collections/{uuid(1)}/"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *what):
        self.http.shutdown()
        self.http.server_close()

    def add(self, *objects):
        start = datetime.datetime(2026, 3, 1) + datetime.timedelta(milliseconds=len(self.rows))
        for number, each in enumerate(objects):
            self.rows.append(((start + datetime.timedelta(milliseconds=number)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z", each))

    def pages(self):
        """Asked for since the last time."""
        count, self.requests = len(self.requests), []
        return count

    def answer(self, request):
        url = urllib.parse.urlsplit(request.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.requests.append(request.path)
        self.accepted.append(request.headers.get("Accept", ""))
        rows = [row for row in self.rows if row[0] > query.get("added_after", "")]
        first = int(query.get("next", "0"))
        page = rows[first:first + min(PAGE, int(query.get("limit", PAGE)))]
        envelope = {"objects": [row[1] for row in page]}
        if first + len(page) < len(rows):
            envelope.update(more=True, next=str(first + len(page)))
        data = b"<html>Bad gateway</html>" if self.broken else json.dumps(envelope if page else {}).encode()
        request.send_response(200 if url.path.endswith("/objects/") else 404)
        request.send_header("Content-Type", MEDIA)
        request.send_header("Content-Length", str(len(data)))
        if page:
            request.send_header("X-TAXII-Date-Added-First", page[0][0])
            request.send_header("X-TAXII-Date-Added-Last", page[-1][0])
        request.end_headers()
        request.wfile.write(data)
