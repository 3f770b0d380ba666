-- People: how they sign in, what they agreed to, and what came of it. The rules of the first file hold here too.

alter table organizations add column branding text not null default '{}';
alter table organizations add column sign_in_rules text not null default '{}';

alter table users add column account_type text not null default 'type2';
alter table users add column email_verified boolean not null default false;
alter table users add column given_name text;
alter table users add column family_name text;
alter table users add column language text;
alter table users add column country_code text;

-- A browser in which a person is signed in. `digest` is of the cookie's secret. Ended sessions are deleted.
create table sessions (
    id text not null constraint sessions_id primary key,
    digest text not null constraint sessions_digest unique,
    user_id text not null references users (id) on delete cascade,
    methods text not null,
    authenticated_at bigint not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    address text not null,
    user_agent text not null
);
create index sessions_by_user on sessions (user_id, created_at);
create index sessions_by_end on sessions (expires_at);

-- A sign-in that is not complete: the password was right, the second factor is still to come.
create table sign_ins (
    digest text not null constraint sign_ins_digest primary key,
    user_id text not null references users (id) on delete cascade,
    methods text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index sign_ins_by_end on sign_ins (expires_at);

-- An authorization request that was pushed (RFC 9126), or that waits for a person. `request` is JSON.
create table pending_requests (
    id text not null constraint pending_requests_id primary key,
    client_id text not null references clients (id) on delete cascade,
    pushed boolean not null,
    request text not null,
    created_at bigint not null,
    expires_at bigint not null,
    -- The session in which each step was done, so that another browser cannot use it.
    session_id text,
    consented_at bigint,
    refused_at bigint,
    account_chosen_at bigint
);
create index pending_requests_by_end on pending_requests (expires_at);

-- An authorization with its code and its one live refresh token, which carries the id of its grant, so that its digest
-- is compared and never searched. `binding` is JSON; `answer` is the sealed answer of the last rotation, kept for a
-- client that lost it, until the new refresh token is used or the grace is over.
create table grants (
    id text not null constraint grants_id primary key,
    client_id text not null references clients (id) on delete cascade,
    user_id text not null references users (id) on delete cascade,
    session_id text,
    scope text not null,
    resources text not null,
    binding text not null,
    key_thumbprint text,
    authenticated_at bigint not null,
    methods text not null,
    code_digest text constraint grants_code_digest unique,
    code_expires_at bigint not null,
    code_consumed_at bigint,
    refresh_digest text,
    previous_digest text,
    rotated_at bigint,
    answer text,
    created_at bigint not null,
    last_used_at bigint not null,
    idle_expires_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create index grants_by_user on grants (user_id, client_id);
create index grants_by_client on grants (client_id);
create index grants_by_session on grants (session_id);
create index grants_by_end on grants (idle_expires_at);
create index grants_by_answer on grants (rotated_at) where answer is not null;

-- What people agreed to. `scope` is JSON, since what is agreed to bit by bit may be more than one request can name.
create table consents (
    user_id text not null references users (id) on delete cascade,
    client_id text not null references clients (id) on delete cascade,
    scope text not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint consents_user_id_client_id primary key (user_id, client_id)
);
create index consents_by_client on consents (client_id);

-- A device that waits for a person (RFC 8628). `user_code` is as shown, without the dash.
create table device_requests (
    digest text not null constraint device_requests_digest primary key,
    user_code text not null constraint device_requests_user_code unique,
    client_id text not null references clients (id) on delete cascade,
    scope text not null,
    resources text not null,
    key_thumbprint text,
    interval_seconds bigint not null,
    last_polled_at bigint,
    created_at bigint not null,
    expires_at bigint not null,
    refused_at bigint,
    grant_id text references grants (id) on delete cascade
);
create index device_requests_by_end on device_requests (expires_at);

-- A promise to act for a person later (contract section 1.5). The last rotation is enough to notice a second use.
create table promises (
    id text not null constraint promises_id primary key,
    digest text not null constraint promises_digest unique,
    grant_id text not null,
    client_id text not null references clients (id) on delete cascade,
    user_id text not null references users (id) on delete cascade,
    scope text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index promises_by_user on promises (user_id);
create index promises_by_client on promises (client_id);
create index promises_by_end on promises (expires_at);

-- The `jti` of every proof of possession that could be sent again (RFC 9449 section 11.1).
create table proofs (
    key_thumbprint text not null,
    jti text not null,
    expires_at bigint not null,
    constraint proofs_key_thumbprint_jti primary key (key_thumbprint, jti)
);
create index proofs_by_end on proofs (expires_at);

-- A code sent by mail. `purpose` is verify_email, reset_password, sign_up or invitation; `details` is sealed.
create table mailed_codes (
    id text not null constraint mailed_codes_id primary key,
    purpose text not null,
    user_id text references users (id) on delete cascade,
    email text not null,
    digest text not null,
    details text not null,
    attempts_left bigint not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index mailed_codes_by_user on mailed_codes (user_id, purpose);
create index mailed_codes_by_email on mailed_codes (email, purpose);
create index mailed_codes_by_end on mailed_codes (expires_at);

-- Mails on their way. `message` is sealed, since it may hold a code; it is emptied when the mail is sent.
create table mails (
    id text not null constraint mails_id primary key,
    recipient text not null,
    subject text not null,
    message text not null,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    sent_at bigint,
    failed_at bigint,
    failure text
);
create index mails_by_time on mails (created_at, id);
create index mails_by_due on mails (due_at) where sent_at is null and failed_at is null;

-- Back-channel sign-outs on their way (OpenID Connect Back-Channel Logout). The token is made at each attempt.
create table logout_notices (
    id text not null constraint logout_notices_id primary key,
    client_id text not null references clients (id) on delete cascade,
    user_id text not null,
    session_id text not null,
    created_at bigint not null,
    due_at bigint not null,
    attempts bigint not null,
    delivered_at bigint,
    failed_at bigint,
    failure text
);
create index logout_notices_by_time on logout_notices (created_at);
create index logout_notices_by_due on logout_notices (due_at) where delivered_at is null and failed_at is null;

-- `document` is the passkey with its public key and counter, as JSON.
create table passkeys (
    id text not null constraint passkeys_id primary key,
    user_id text not null references users (id) on delete cascade,
    name text not null,
    document text not null,
    created_at bigint not null,
    last_used_at bigint
);
create index passkeys_by_user on passkeys (user_id, created_at);

-- What the server has to remember between the two halves of a passkey ceremony or an upstream sign-in; sealed, single use.
create table ceremonies (
    id text not null constraint ceremonies_id primary key,
    purpose text not null,
    user_id text references users (id) on delete cascade,
    state text not null,
    expires_at bigint not null
);
create index ceremonies_by_end on ceremonies (expires_at);

-- An authenticator application. It counts once `confirmed_at` is set; `last_step` is the last time step that was used.
create table authenticators (
    user_id text not null constraint authenticators_user_id primary key references users (id) on delete cascade,
    sealed_secret text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null
);

create table recovery_codes (
    user_id text not null references users (id) on delete cascade,
    digest text not null,
    created_at bigint not null,
    constraint recovery_codes_user_id_digest primary key (user_id, digest)
);

-- How often a name failed lately; `kind` is account, address or instance. `state` is the time at which it is all forgotten.
create table throttles (
    kind text not null,
    name text not null,
    state bigint not null,
    constraint throttles_kind_name primary key (kind, name)
);
create index throttles_by_state on throttles (state);

-- Upstream identity providers of an organization, and the mail domains whose people they sign in.
create table identity_providers (
    id text not null constraint identity_providers_id primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name text not null,
    issuer text not null,
    client_id text not null,
    sealed_secret text,
    enabled boolean not null,
    created_at bigint not null,
    constraint identity_providers_organization_id_issuer unique (organization_id, issuer)
);
create table domains (
    name text not null constraint domains_name primary key,
    organization_id text not null references organizations (id) on delete cascade,
    provider_id text references identity_providers (id) on delete set null,
    verified_at bigint,
    created_at bigint not null
);
create table federated_identities (
    provider_id text not null references identity_providers (id) on delete cascade,
    subject text not null,
    user_id text not null references users (id) on delete cascade,
    created_at bigint not null,
    constraint federated_identities_provider_id_subject primary key (provider_id, subject)
);
create index federated_identities_by_user on federated_identities (user_id);

-- What happened to an account, for its owner to see.
create table activities (
    id text not null constraint activities_id primary key,
    user_id text not null references users (id) on delete cascade,
    action text not null,
    client_id text,
    address text not null,
    user_agent text not null,
    at bigint not null
);
create index activities_by_user on activities (user_id, id);
create index activities_by_time on activities (at);
