// Which folder may import which: every arrow points down. `npm run lint` fails on one that points up.
const chassis = [
  'service',
  'server',
  'operations',
  'following',
  'events',
  'openapi',
  'auth',
  'http',
  'upstream',
  'database',
  'tracing',
]

/** A folder may not import one that stands before it. */
const floors = chassis.slice(1).map((folder, index) => ({
  name: `chassis-${folder}-imports-no-upper-floor`,
  severity: 'error',
  from: { path: `^chassis/src/${folder}/` },
  to: { path: `^chassis/src/(${chassis.slice(0, index + 1).join('|')})/` },
}))

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...floors,
    {
      name: 'chassis-knows-no-service',
      severity: 'error',
      from: { path: '^chassis/src/' },
      to: { path: '^(user-service|order-service|examples|reliability)/' },
    },
    {
      name: 'services-share-only-the-chassis',
      severity: 'error',
      from: { path: '^(user|order)-service/src/' },
      to: { path: '^(user|order)-service/', pathNot: '^$1-service/' },
    },
    ...[
      ['user-service', 'users', '(accounts|credit|tokens|operations)'],
      ['user-service', '(credit|tokens)', '(accounts|operations)'],
      ['order-service', '(products|users)', '(orders|operations)'],
    ].map(([service, lower, upper]) => ({
      name: `${service}-${lower}-imports-no-${upper}`,
      severity: 'error',
      from: { path: `^${service}/src/${lower}/` },
      to: { path: `^${service}/src/${upper}/` },
    })),
    { name: 'src-imports-no-tests', severity: 'error', from: { path: '/src/' }, to: { path: '/(tests|testing)/' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: { conditionNames: ['development', 'import', 'require', 'node', 'default'] },
  },
}
