-- The first tables. One text for SQLite and PostgreSQL: only text, bigint and boolean; instants are microseconds since
-- 1970. A unique constraint is named after its table and columns (`table_column_column`), which is the name that a
-- violation is reported under on both databases.

-- A number that grows with each change, so that a reader tells by one row whether what it holds in memory is current.
create table generations (
    name text not null constraint generations_name primary key,
    number bigint not null
);
insert into generations (name, number) values ('directory', 0), ('revocations', 0);

create table organizations (
    id text not null constraint organizations_id primary key,
    console_id text not null constraint organizations_console_id unique,
    name text not null,
    enabled boolean not null,
    limits text not null,
    created_at bigint not null
);

create table users (
    id text not null constraint users_id primary key,
    organization_id text not null references organizations (id) on delete cascade,
    email text not null constraint users_email unique,
    name text not null,
    role text not null,
    password_hash text,
    password_expired boolean not null,
    enabled boolean not null,
    created_at bigint not null
);
create index users_by_organization on users (organization_id, id);

create table projects (
    id text not null constraint projects_id primary key,
    organization_id text not null references organizations (id) on delete cascade,
    name text not null,
    title text not null,
    description text not null,
    created_at bigint not null,
    constraint projects_organization_id_name unique (organization_id, name)
);

create table workspaces (
    id text not null constraint workspaces_id primary key,
    project_id text not null references projects (id) on delete cascade,
    name text not null,
    created_at bigint not null,
    constraint workspaces_project_id_name unique (project_id, name)
);

-- Credentials. `kind` is JSON that names the type and holds what only that type has; `type` is the type alone.
create table clients (
    id text not null constraint clients_id primary key,
    credential_id text not null constraint clients_credential_id unique,
    organization_id text not null references organizations (id) on delete cascade,
    workspace_id text not null references workspaces (id) on delete cascade,
    name text not null,
    type text not null,
    kind text not null,
    enabled boolean not null,
    limits text not null,
    token_algorithm text,
    created_at bigint not null
);
create index clients_by_organization on clients (organization_id, id);
create index clients_by_workspace on clients (workspace_id, id);

-- `digest` is keyed; the secret itself is nowhere.
create table secrets (
    id text not null constraint secrets_id primary key,
    client_id text not null references clients (id) on delete cascade,
    kind text not null,
    digest text not null constraint secrets_digest unique,
    visible_prefix text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint
);
create index secrets_by_client on secrets (client_id, kind);

create table certificates (
    client_id text not null references clients (id) on delete cascade,
    fingerprint text not null,
    pem text not null,
    subject text not null,
    not_before bigint not null,
    not_after bigint not null,
    created_at bigint not null,
    constraint certificates_client_id_fingerprint primary key (client_id, fingerprint)
);

-- `document` is the whole service as JSON; the other columns repeat what is searched or must be unique. An empty
-- `host` stands for any; no `gateway_path` for a service that the gateway does not answer for.
create table services (
    code text not null constraint services_code primary key,
    name text not null,
    host text not null,
    gateway_path text,
    enabled boolean not null,
    document text not null,
    created_at bigint not null,
    constraint services_host_gateway_path unique (host, gateway_path)
);

create table subscriptions (
    client_id text not null references clients (id) on delete cascade,
    service_code text not null references services (code) on delete cascade,
    created_at bigint not null,
    constraint subscriptions_client_id_service_code primary key (client_id, service_code)
);
create index subscriptions_by_service on subscriptions (service_code, client_id);

-- `sealed_private` is the private key sealed with the master key; `public_jwk` is JSON.
create table signing_keys (
    id text not null constraint signing_keys_id primary key,
    algorithm text not null,
    sealed_private text not null,
    public_jwk text not null,
    certificate_pem text not null,
    created_at bigint not null,
    active_from bigint not null,
    retired_at bigint,
    expires_at bigint
);

-- `sequence` is the number of the generation `revocations` that the revocation made.
create table revocations (
    sequence bigint not null constraint revocations_sequence primary key,
    kind text not null,
    name text not null,
    revoked_at bigint not null,
    expires_at bigint not null,
    constraint revocations_kind_name unique (kind, name)
);
create index revocations_by_end on revocations (expires_at);

-- The `jti` of every assertion that was accepted and could be sent again.
create table assertions (
    client_id text not null references clients (id) on delete cascade,
    jti text not null,
    expires_at bigint not null,
    constraint assertions_client_id_jti primary key (client_id, jti)
);
create index assertions_by_end on assertions (expires_at);

-- Accepted calls of a scope (an organization, a credential, a service) in a period (a UTC day or month).
create table quotas (
    scope_kind text not null,
    scope_id text not null,
    period text not null,
    calls bigint not null,
    constraint quotas_scope_kind_scope_id_period primary key (scope_kind, scope_id, period)
);
create index quotas_by_period on quotas (period);

-- Counted calls. Without references, so that what was used stays known when a credential is gone.
create table usage (
    minute_at bigint not null,
    client_id text not null,
    service_code text not null,
    status_class bigint not null,
    calls bigint not null,
    constraint usage_minute_at_client_id_service_code_status_class
        primary key (minute_at, client_id, service_code, status_class)
);
