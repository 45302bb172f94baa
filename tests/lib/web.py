# SPDX-License-Identifier: Apache-2.0
"""A real web server (nginx) over a folder of the lab's, on loopback."""
import getpass

import harness

CONFIG = """
daemon off;
master_process off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.error;
events {{ worker_connections 64; }}
http {{
	access_log {folder}/nginx.access;
	default_type application/octet-stream;
	client_body_temp_path {folder}/nginx.body;
	proxy_temp_path {folder}/nginx.proxy;
	fastcgi_temp_path {folder}/nginx.fastcgi;
	uwsgi_temp_path {folder}/nginx.uwsgi;
	scgi_temp_path {folder}/nginx.scgi;
	server {{
		listen 127.0.0.1:{port};
		root {root};
		location /locked/ {{
			if ($http_x_key != "opensesame") {{ return 401; }}
		}}
	}}
}}
"""


class Web:
    def __init__(self, lab):
        harness.need_tools("nginx")
        self.folder = lab.folder / "web"
        self.root = self.folder / "root"
        (self.root / "locked").mkdir(parents=True)
        self.port = harness.free_port()
        user = "user root;" if getpass.getuser() == "root" else ""
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(user=user, folder=self.folder, port=self.port, root=self.root))
        self.process = lab.start("nginx", ["nginx", "-p", self.folder, "-e", self.folder / "nginx.error", "-c", config])
        harness.wait_until("nginx listens", lambda: (self.folder / "nginx.pid").exists() or self.process.ended())

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".fresh")
        fresh.write_bytes(data if isinstance(data, bytes) else data.encode())
        fresh.rename(path)
        return self.address(name)

    def address(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def asked(self):
        """Lines of the access log."""
        path = self.folder / "nginx.access"
        return path.read_text().splitlines() if path.exists() else []
