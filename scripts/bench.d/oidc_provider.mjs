// node-oidc-provider as `scripts/bench sign-in` measures it: one process, its in-memory adapter, one static client,
// everybody signed in at once and every scope allowed at once. Nothing is durable.
//
//   node oidc_provider.mjs PORT FOLDER   (FOLDER holds node_modules)
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [port, folder] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(createRequire(`${folder}/`).resolve('oidc-provider')).href);

const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const scope = 'openid profile email offline_access';

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'a-secret-of-the-bench-and-of-nothing-else',
      redirect_uris: ['http://localhost:3000/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'bench' }] },
  cookies: { keys: ['signs the cookies of the bench'] },
  scopes: scope.split(' '),
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name', 'locale'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({
      sub,
      name: 'Example User',
      given_name: 'Example',
      family_name: 'User',
      locale: 'en',
      email: 'user@example.com',
      email_verified: true,
    }),
  }),
  async loadExistingGrant({ oidc: { client, session } }) {
    const known = session.grantIdFor(client.clientId);
    if (known) return provider.Grant.find(known);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(scope);
    await grant.save();
    return grant;
  },
});

provider.use(async ({ path, req, res }, next) => {
  if (!path.startsWith('/interaction/')) return next();
  return provider.interactionFinished(req, res, { login: { accountId: 'user' } });
});

provider.listen(Number(port), '127.0.0.1');
