/** What `syncline help` prints. */
export const USAGE = `Keeps a local copy of what a REST API holds.

  syncline sync <config> --to <dir>         fetch what is new, and merge it into the copy in <dir>
  syncline show [table] [key] --from <dir>  what is in the copy: tables, rows, or one record
  syncline schema [table] --from <dir>      columns, types and nullability
  syncline check <config>                   ask each resource for one page, and store nothing
  syncline replay <config> --to <dir>       run the records in quarantine again, after a fix
  syncline reset --from <dir> --yes         forget the copy

<config> is a .js, .mjs or .json file (.ts where the runtime loads it). A module's default export is a source or a
plain config; JSON is a plain config or a dlt rest_api dict. In JSON a string that is exactly "$NAME", in capitals, is
read from the environment variable NAME, so that no secret has to be in the file.

  sync    --resource <name>   only this resource; may be given several times
          --full              read everything again, and remove rows that the API no longer has
          --limit <n>         stop each resource after n records, for a first try
          --confirm <token>   let a full refresh remove more rows than usual, after it has asked
          --json              the report as JSON
          --quiet             no progress
  show    --limit <n>         rows (default: 20)
          --json              records as JSON, one a line
  check   --json
  replay  --resource <name>   only this resource
          --evolve            take what a schema contract has refused
          --json
  schema  --as <format>       as code: typescript, json-schema or valibot (syncline schema <dir> --as … will do)
          --json              as JSON
  all     --dataset <name>    which copy in <dir> (not with check; default of sync: the name of the source)

syncline --version says which this is, syncline help shows this.

Ctrl-C stops a sync after the commit under way; the same command goes on from there. Twice: at once.
Exit codes: 0 done, 1 failed, 2 wrong command or config, 130 stopped by Ctrl-C.`
