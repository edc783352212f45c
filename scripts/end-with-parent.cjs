// Loaded into each service by start.mjs: where that was killed hard, its services stop too, and leave their ports.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
