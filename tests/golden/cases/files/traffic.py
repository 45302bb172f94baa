# SPDX-License-Identifier: Apache-2.0
"""One file, carried in every way that is known here; each carrier has a client of its own, 10.0.0.N."""
import base64
import gzip

FILE = b"X5-QUAY-STANDARD-HARMLESS-TEST-FILE!$H+H*\nline two\rline = three\n\x00\xff\xfe."
NAME = "invoice.com"
WEB, MAIL, STORE = "192.0.2.80", "192.0.2.25", "192.0.2.21"
count = 0


def client(six=False):
    global count
    count += 1
    return f"2001:db8::{count}" if six else f"10.0.0.{count}"


def web(*exchanges):
    talk = Talk(capture, client(), 40000, WEB, 80).open()
    for request, answer in exchanges:
        talk.client(request).server(answer, 700)
    talk.close()


def answer(body, *headers, status="200 OK"):
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


def mail(data, chunked=False):
    talk = Talk(capture, client(), 40000, MAIL, 25).open()
    talk.server(b"220 mail.example ESMTP\r\n").client(b"EHLO gate.example\r\n").server(b"250-mail\r\n250 CHUNKING\r\n")
    talk.client(b"MAIL FROM:<a@gate.example>\r\n").server(b"250 ok\r\n")
    talk.client(b"RCPT TO:<b@mail.example>\r\n").server(b"250 ok\r\n")
    if chunked:
        half = len(data) // 2
        talk.client(b"BDAT %d\r\n" % half + data[:half]).server(b"250 ok\r\n")
        talk.client(b"BDAT %d LAST\r\n" % (len(data) - half) + data[half:]).server(b"250 ok\r\n")
    else:
        talk.client(b"DATA\r\n").server(b"354 go\r\n")
        talk.client(data.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n", 50).server(b"250 queued\r\n")
    talk.client(b"QUIT\r\n").server(b"221 bye\r\n").close()


def part(content, *headers):
    return "\r\n".join([*headers, "", ""]).encode() + content


def parts(*contents, boundary="edge", headers=()):
    head = "\r\n".join(["From: a@gate.example", "Subject: papers", *headers,
                        f'Content-Type: multipart/mixed; boundary="{boundary}"', "", "not for readers", ""]).encode()
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), one) for one in contents) + b"--%s--\r\n" % boundary.encode()


TEXT = part(b"See http://bad.example/x?y and write back.", "Content-Type: text/plain")


def store(commands, place, opened_by_server, upload, six=False):
    """A control connection, and the data connection that it announces."""
    name = client(six)
    server = "2001:db8::21" if six else STORE
    talk = Talk(capture, name, 40000, server, 21).open()
    talk.server(b"220 store ready\r\n").client(b"USER crane\r\n").server(b"331 who\r\n").client(b"PASS x\r\n").server(b"230 in\r\n")
    for command, reply in commands(name):
        talk.client(command.encode() + b"\r\n").server(reply.encode() + b"\r\n")
    if opened_by_server:
        data = Talk(capture, server, 20, name, place).open()
    else:
        data = Talk(capture, name, 40001, server, place).open()
    talk.client(f"{'STOR' if upload else 'RETR'} {NAME}\r\n".encode()).server(b"150 opening\r\n")
    side = data.client if upload != opened_by_server else data.server
    side(FILE, 30)
    data.close()
    talk.server(b"226 done\r\n").client(b"QUIT\r\n").server(b"221 bye\r\n").close()


# 1 to 6: HTTP
ask = http_request("shop.example", "/in/" + NAME)
named = f'Content-Disposition: attachment; filename="{NAME}"'
web((ask, answer(FILE, f"Content-Length: {len(FILE)}")))
chunks = b"".join(b"%x\r\n%s\r\n" % (len(FILE[i:i + 9]), FILE[i:i + 9]) for i in range(0, len(FILE), 9)) + b"0\r\n\r\n"
web((http_request("shop.example", "/get?id=1"), answer(chunks, "Transfer-Encoding: chunked", named)))
packed_file = gzip.compress(FILE, mtime=0)
web((http_request("shop.example", "/get?id=2"),
     answer(packed_file, "Content-Encoding: gzip", f"Content-Length: {len(packed_file)}",
            f"Content-Disposition: inline; filename*=UTF-8''{NAME.replace('.', '%2E')}")))
form = (b'--xx\r\nContent-Disposition: form-data; name="note"\r\n\r\nno file\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\nContent-Type: application/x\r\n\r\n%s\r\n--xx--\r\n'
        % (NAME.encode(), FILE))
web((b"POST /up HTTP/1.1\r\nHost: shop.example\r\nContent-Type: multipart/form-data; boundary=xx\r\n"
     b"Content-Length: %d\r\n\r\n%s" % (len(form), form), answer(b"", "Content-Length: 0")))
web((b"PUT /in/%s HTTP/1.1\r\nHost: shop.example\r\nContent-Length: %d\r\n\r\n%s" % (NAME.encode(), len(FILE), FILE),
     answer(b"", "Content-Length: 0", status="201 Created")))
web(*[(ask, answer(FILE[a:b], f"Content-Length: {b - a}", f"Content-Range: bytes {a}-{b - 1}/{len(FILE)}",
                   status="206 Partial Content")) for a, b in ((0, 30), (30, len(FILE)))])

# 7 to 11: mail
mail(parts(TEXT, part(base64.encodebytes(FILE).replace(b"\n", b"\r\n"), "Content-Transfer-Encoding: base64",
                      f"Content-Disposition: attachment; filename={NAME}")))
quoted = b"".join(b"=%02X" % byte for byte in FILE[:20]) + b"=\r\n" + b"".join(b"=%02x" % byte for byte in FILE[20:])
mail(parts(part(quoted, "Content-Transfer-Encoding: quoted-printable", f'Content-Type: application/x;\r\n\tname="{NAME}"')))
inner = parts(TEXT, part(base64.b64encode(FILE), "Content-Transfer-Encoding: BASE64", named), boundary="inner")
mail(parts(inner[inner.index(b"Content-Type"):]))
mail(parts(part(FILE, "Content-Transfer-Encoding: binary",
                'Content-Disposition: attachment; filename*0="invoi"; filename*1="ce.com"')), chunked=True)
forwarded = parts(part(base64.b64encode(FILE), "Content-Transfer-Encoding: base64",
                       f'Content-Type: application/x; name="=?utf-8?B?{base64.b64encode(NAME.encode()).decode()}?="'), boundary="deep")
mail(parts(TEXT, part(forwarded, "Content-Type: message/rfc822")))

# 12 to 15: FTP
store(lambda name: [("PASV", "227 Entering Passive Mode (192,0,2,21,8,73)")], 2121, False, False)
store(lambda name: [("PORT " + name.replace(".", ",") + ",8,74", "200 ok")], 2122, True, True)
store(lambda name: [("EPSV", "229 Entering Extended Passive Mode (|||2123|)")], 2123, False, False, six=True)
store(lambda name: [(f"EPRT |2|{name}|2124|", "200 ok")], 2124, True, False, six=True)
