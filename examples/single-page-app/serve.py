"""Serves the single-page app at http://localhost:3000/, with the client id of a running demo.

Any web server would do: the three files are static. This one only writes `settings.json` for them.
"""

import argparse
import functools
import http.server
import json
import pathlib

HERE = pathlib.Path(__file__).parent


class Files(http.server.SimpleHTTPRequestHandler):
    """The files of this folder, and the settings."""

    settings = b"{}"

    def do_GET(self):
        if self.path != "/settings.json":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.settings)))
        self.end_headers()
        self.wfile.write(self.settings)

    def end_headers(self):
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", default="tollgate-demo", help="the demo's folder")
    parser.add_argument("--issuer", default="http://127.0.0.1:8080")
    parser.add_argument("--gateway", default="http://127.0.0.1:8090")
    parser.add_argument("--client-id", help="in place of the demo's")
    parser.add_argument("--port", type=int, default=3000)
    arguments = parser.parse_args()
    client_id = arguments.client_id
    if client_id is None:
        credentials = json.loads((pathlib.Path(arguments.demo) / "credentials.json").read_text())
        client_id = credentials["credentials"]["single_page_app"]["client_id"]
    settings = {"issuer": arguments.issuer, "gateway": arguments.gateway, "client_id": client_id}
    Files.settings = json.dumps(settings).encode()
    handler = functools.partial(Files, directory=str(HERE))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), handler)
    print(f"Open http://localhost:{server.server_port}/ (Ctrl-C ends)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
