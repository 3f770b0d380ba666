"""Signs a person in, in so many browsers without JavaScript, and writes what `sign_in_load.rs` goes on with.

sign_in_plan.py tollgate DEMO_JSON PLAN
sign_in_plan.py oidc-provider BASE_URL PLAN
"""

import html
import http.client
import json
import re
import sys
import urllib.parse

WHAT, SOURCE, PLAN = sys.argv[1:4]
# The reference's memory holds a thousand entries: with many more browsers it forgets the first ones.
BROWSERS = 16
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
STEPS_MAX = 20


class Browser:
    """Keeps cookies, follows redirects and fills forms in, until it is sent to another server."""

    def __init__(self, address, answers):
        self.connection = http.client.HTTPConnection(address, timeout=10)
        self.own = {address, f"localhost:{address.split(':')[1]}"}
        self.cookies = {}
        self.answers = answers

    def send(self, method, path, form=None):
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["content-type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer, page

    def go(self, path):
        answer, page = self.send("GET", path)
        for _ in range(STEPS_MAX):
            location = answer.headers.get("location")
            if location:
                parts = urllib.parse.urlsplit(location)
                if parts.netloc and parts.netloc not in self.own:
                    return location
                answer, page = self.send("GET", parts._replace(scheme="", netloc="").geturl())
                continue
            action = re.search(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page)
            if not action:
                break
            hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)
            form = {name: html.unescape(value) for name, value in hidden}
            form.update({name: value for name, value in self.answers.items() if f'name="{name}"' in page})
            answer, page = self.send("POST", html.unescape(action[1]), form)
        sys.exit(f"the sign-in stopped: {answer.status} {page[:500]}")


def plan_of(base, client_id, client_secret, redirect_uri, paths, separator, answers):
    """What stays the same in all flows of the bench."""
    address = urllib.parse.urlsplit(base).netloc

    def authorize(*scopes):
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": separator.join(scopes),
            "code_challenge_method": "S256",
        }
        return f"{paths['authorize']}?{urllib.parse.urlencode(query)}"

    offline = authorize("openid", "email", "profile", "offline_access")
    cookies = {}
    for number in range(BROWSERS):
        browser = Browser(address, answers)
        back = browser.go(f"{offline}&state=first&code_challenge={CHALLENGE}")
        if "code=" not in back:
            sys.exit(f"no code came back: {back}")
        kept = [f"{name}={value}" for name, value in browser.cookies.items() if "session" in name]
        cookies[f"cookie.{number}"] = "; ".join(kept)
    return {
        "address": address,
        "authorize": authorize("openid", "email", "profile"),
        "authorize_offline": offline,
        "token": paths["token"],
        "userinfo": paths["userinfo"],
        "redirect_uri": redirect_uri,
        "client": urllib.parse.urlencode({"client_id": client_id, "client_secret": client_secret}),
        **cookies,
        **answers,
    }


def tollgate():
    with open(SOURCE, encoding="utf-8") as file:
        demo = json.load(file)
    person, app = demo["users"][1], demo["credentials"]["web_app"]
    paths = {"authorize": "/ims/authorize/v2", "token": "/ims/token/v3", "userinfo": "/ims/userinfo/v2"}
    answers = {"email": person["email"], "password": person["password"], "decision": "allow"}
    return plan_of(
        demo["base_url"], app["client_id"], app["client_secret"], app["redirect_uri"], paths, ",", answers
    )


def oidc_provider():
    paths = {"authorize": "/auth", "token": "/token", "userinfo": "/me"}
    secret = "a-secret-of-the-bench-and-of-nothing-else"
    return plan_of(SOURCE, "bench", secret, "http://localhost:3000/callback", paths, " ", {})


plan = {"tollgate": tollgate, "oidc-provider": oidc_provider}[WHAT]()
with open(PLAN, "w", encoding="utf-8") as file:
    file.writelines(f"{name}={value}\n" for name, value in plan.items())
