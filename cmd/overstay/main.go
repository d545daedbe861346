// Overstay answers one question: did access really end when its approval ended?
package main

import (
	"context"
	"os"

	"github.com/overstay/overstay/cmd/internal/cli"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
