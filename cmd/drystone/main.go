// Command drystone is the server and the tools of whoever runs it: serve,
// migrate, account, invite, group, token, blocklist and demo. It reads flags,
// wires the rooms of the house together, and is the only place that sees all
// of them. What any of them does is written where it is done, not here.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"drystone/config"
	"drystone/fault"
)

// version is set when a release is built.
var version = "dev"

type cli struct {
	Config  string           `help:"A YAML file with the same names as the DRYSTONE_* variables." type:"existingfile" placeholder:"FILE"`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve     serveCommand     `cmd:"" help:"Bring the database up to date and serve."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to date, or list what would be done."`
	Account   accountCommand   `cmd:"" help:"Look after accounts."`
	Group     groupCommand     `cmd:"" help:"Look after groups."`
	Invite    inviteCommand    `cmd:"" help:"Invite people."`
	Token     tokenCommand     `cmd:"" help:"Look after API tokens."`
	Key       keyCommand       `cmd:"" help:"Look after the keys that others know us by."`
	Peer      peerCommand      `cmd:"" help:"Look after what other servers said."`
	Relay     relayCommand     `cmd:"" help:"Look after relays. There are none unless you subscribe to one."`
	Blocklist blocklistCommand `cmd:"" help:"Look into lists of servers to keep away."`
	Media     mediaCommand     `cmd:"" help:"Look after the files that people uploaded, and pictures of other servers."`
	Search    searchCommand    `cmd:"" help:"Look after the words that search knows."`
	Demo      demoCommand      `cmd:"" help:"Fill an empty database with a believable community."`
}

// A program is what every command gets.
type program struct {
	ctx    context.Context
	config config.Config
	in     io.Reader
	out    io.Writer // what a command was asked for
	log    *slog.Logger
}

func main() {
	// The first signal asks for an orderly end, the second forces it.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop()
	}()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process around it.
func run(ctx context.Context, args []string, env func(string) (string, bool), in io.Reader, out, errs io.Writer) int {
	var c cli
	exit := -1
	parser, err := kong.New(&c, kong.Name("drystone"), kong.Vars{"version": version},
		kong.Description("A federated home for communities. Settings are DRYSTONE_* variables; see docs/operating.md."),
		kong.UsageOnError(), kong.Writers(out, errs), kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(errs, "drystone:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help or --version
		return exit
	}
	if err != nil {
		fmt.Fprintln(errs, "drystone:", err)
		return 2
	}
	settings, err := config.Load(c.Config, env)
	if err != nil {
		fmt.Fprintln(errs, "drystone: the settings are not usable:")
		fmt.Fprintln(errs, err)
		return 2
	}
	p := &program{ctx: ctx, config: settings, in: in, out: out, log: newLog(settings.Log, errs)}
	if err := command.Run(p); err != nil {
		fmt.Fprintln(errs, "drystone:", explain(err))
		return 1
	}
	return 0
}

// explain prefers the words for people; without any, the cause is all there
// is.
func explain(err error) string {
	if e, ok := fault.As(err); ok && e.Message != "" {
		if e.Err != nil && !errors.Is(e.Err, context.Canceled) {
			return e.Message + " (" + e.Err.Error() + ")"
		}
		return e.Message
	}
	return err.Error()
}

func newLog(settings config.Log, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	if settings.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
