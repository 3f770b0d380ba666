"""A person with a browser that runs no scripts: keeps cookies, follows redirects, reads forms and sends them."""

import html.parser
import urllib.parse

import requests

REDIRECTS_MAX = 12


class _Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self._open = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self._open = {"action": attrs.get("action", ""), "method": attrs.get("method", "get").upper(), "fields": []}
            self.found.append(self._open)
        elif tag in ("input", "button", "select", "textarea") and self._open is not None:
            self._open["fields"].append(attrs)

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


class Browser:
    """Stops where an address begins with `until`: that of the application."""

    def __init__(self, until):
        self.until = until
        self.session = requests.Session()

    def open(self, url, method="GET", data=None):
        """The address that the browser came back to, or the last answer with its forms."""
        for _ in range(REDIRECTS_MAX):
            if url.startswith(self.until):
                return url, None
            headers = {"Accept": "text/html"}
            if method == "POST":
                parts = urllib.parse.urlsplit(url)
                headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
            answer = self.session.request(method, url, data=data, headers=headers, allow_redirects=False, timeout=20)
            if answer.status_code not in (301, 302, 303, 307, 308):
                return None, answer
            url, method, data = urllib.parse.urljoin(url, answer.headers["Location"]), "GET", None
        raise AssertionError(f"more than {REDIRECTS_MAX} redirects, the last to {url}")

    def submit(self, page, fields):
        forms = _Forms()
        forms.feed(page.text)
        for form in forms.found:
            names = {field.get("name") for field in form["fields"]}
            if set(fields) <= names:
                hidden = {f["name"]: f.get("value", "") for f in form["fields"] if f.get("type") == "hidden" and f.get("name")}
                return self.open(urllib.parse.urljoin(page.url, form["action"]), form["method"], hidden | fields)
        raise AssertionError(f"no form with {sorted(fields)} on {page.url} ({page.status_code})")

    def sign_in(self, url, email, password):
        arrived, page = self.open(url)
        for _ in range(5):
            if arrived:
                return arrived
            if 'name="password"' in page.text:
                arrived, page = self.submit(page, {"password": password})
            elif 'name="email"' in page.text:
                arrived, page = self.submit(page, {"email": email})
            else:
                arrived, page = self.submit(page, {"decision": "allow"})
        raise AssertionError(f"the sign-in does not end: {page.url}")
