import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../src/cli/dev/ports.ts";
import { Missing, type ServerKind, startProcess } from "../measure/server.ts";
import { ownServers } from "../servers/kinds.ts";
import { peerFolder } from "./folder.ts";

/** Debian installs it where only root's PATH looks. */
const MORE_PLACES = ["/usr/sbin", "/usr/local/sbin"];

export function findNginx(): string | null {
	return Bun.which("nginx", { PATH: [process.env["PATH"] ?? "", ...MORE_PLACES].join(":") });
}

/**
 * nginx's `proxy_cache` in front of Hono, whose answers it keeps on disk, that is in the system's page cache. Its origin
 * is a process of its own, which hits do not reach and which is not counted. There is no `/work` behind it.
 */
export const nginx: ServerKind = {
	name: "nginx",
	usesRedis: false,
	async start(scope, settings) {
		const program = findNginx();
		if (program === null)
			throw new Missing("The program nginx is not in PATH; Debian: apt-get install nginx-light.");
		const origin = await ownServers.find(({ name }) => name === "hono-constant")?.start(scope, settings);
		if (!origin) throw new TypeError("There is no server hono-constant");
		const folder = peerFolder(scope, "nginx");
		const port = await freePort();
		const config = join(folder, "nginx.conf");
		writeFileSync(config, nginxConfig({ folder, port, originPort: origin.port }));
		const args = ["-p", folder, "-e", join(folder, "error.log"), "-c", config];
		const server = await startProcess(scope, "nginx", program, args, { port });
		return {
			...server,
			async stop() {
				await server.stop();
				await origin.stop();
			},
		};
	},
};

/** All that it writes is below `folder`, so that any user may run it. */
export function nginxConfig(options: { folder: string; port: number; originPort: number }): string {
	const { folder, port, originPort } = options;
	return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events {
	worker_connections 1024;
}
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	# Keeps the files of what is asked often open.
	open_file_cache max=1000 inactive=1h;
	keepalive_timeout 120s;
	keepalive_requests 100000000;
	client_body_temp_path ${folder}/body;
	proxy_temp_path ${folder}/proxy;
	fastcgi_temp_path ${folder}/fastcgi;
	uwsgi_temp_path ${folder}/uwsgi;
	scgi_temp_path ${folder}/scgi;
	proxy_cache_path ${folder}/cache levels=1:2 keys_zone=answers:10m max_size=256m inactive=1h use_temp_path=off;
	upstream origin {
		server 127.0.0.1:${originPort};
		keepalive 16;
	}
	server {
		listen 127.0.0.1:${port} backlog=1024;
		location / {
			proxy_pass http://origin;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_cache answers;
			proxy_cache_key $request_uri;
			proxy_cache_valid 200 1h;
			proxy_cache_lock on;
			proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
			proxy_cache_background_update on;
		}
	}
}
`;
}
