import { commandsOf } from '../../harness/commands'
import { runInBash } from '../../harness/run-in-bash'
import { environment } from '../../harness/stack'
import { withWholeCopy } from '../../harness/whole-copy'

const env = { ...environment, npm_config_offline: 'true', npm_config_audit: 'false' }

test('without orders and proofs, as the docs strip it, the repository compiles and its tests pass', async () => {
  const [strip, check] = commandsOf('docs/start-your-own.md', 'strip')
  await withWholeCopy(async (folder) => {
    const where = { cwd: folder, env }
    await runInBash('git init --quiet && git add --all', where)
    // Of files that were never committed git would ask whether to remove them.
    await runInBash('git -c user.name=e2e -c user.email=e2e@example.com commit --quiet --message All', where)
    await runInBash(strip!.script, where)
    expect(
      await runInBash('grep -ril order- docker-compose.yml scripts package.json package-lock.json || true', where),
    ).toBe('')
    await runInBash(check!.script, where)
    await runInBash('npm run build && docker compose config --quiet', where)
  })
}, 900_000)
