package policy

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// Limits on one condition. A condition is evaluated for every finding of its
// rule, in the one loop that everything waits for.
const (
	maxExpression = 4 << 10 // bytes
	maxNodes      = 512
	maxDepth      = 32
	// maxCost is in CEL's own unit, about one comparison. It is checked against
	// the estimate when a policy is loaded, so that a condition is refused there
	// rather than given up in the middle of an incident.
	maxCost = 200_000
	// maxPerson is how many ids of one person the estimate reckons with.
	maxPerson = 64
)

// condition is a compiled expression. It is safe for use by several goroutines.
type condition struct {
	text    string
	program cel.Program
}

// Holds evaluates the expression. An error while it runs (an index out of range,
// the cost limit) means that it does not hold: the finding is told.
func (c *condition) Holds(in correlator.ConditionInput) bool {
	out, _, err := c.program.Eval(activation{in})
	return err == nil && out == types.True
}

func (c *condition) String() string { return c.text }

// activation gives an expression its variables without building a map for each
// evaluation.
type activation struct{ in correlator.ConditionInput }

func (activation) Parent() cel.Activation { return nil }

func (a activation) ResolveName(name string) (any, bool) {
	switch name {
	case "rule":
		return a.in.Rule, true
	case "kind":
		return a.in.Kind, true
	case "source":
		return a.in.Source, true
	case "id":
		return a.in.ID, true
	case "subject":
		return a.in.Subject, true
	case "person":
		return a.in.Person, true
	case "system":
		return a.in.System, true
	case "resource":
		return a.in.Resource, true
	case "role":
		return a.in.Role, true
	case "level":
		return a.in.Level, true
	case "approval":
		return a.in.Approval, true
	case "credential":
		return a.in.Credential, true
	}
	return nil, false
}

// texts are the variables of type string; person is a list of them.
func texts() []string {
	return []string{"rule", "kind", "source", "id", "subject", "system", "resource", "role", "level", "approval", "credential"}
}

// newEnv declares the variables, and the standard library without time: what a
// condition says of an access must not change while the access does not.
func newEnv() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{ExcludeFunctions: timeFunctions()})),
		cel.Variable("person", cel.ListType(cel.StringType)),
		cel.ParserRecursionLimit(maxDepth),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ExpressionNodeLimit(maxNodes),
		cel.ExpressionNestingDepthLimit(maxDepth),
		cel.RegexProgramSizeLimit(1000),
	}
	for _, name := range texts() {
		options = append(options, cel.Variable(name, cel.StringType))
	}
	return cel.NewCustomEnv(options...)
}

func timeFunctions() []*env.Function {
	var out []*env.Function
	for _, name := range []string{
		"timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
		"getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds",
	} {
		out = append(out, env.NewFunction(name))
	}
	return out
}

// compiler compiles the conditions of one policy. Its environment costs
// milliseconds and is made for the first condition only.
type compiler struct {
	env *cel.Env
	err error
}

func newCompiler() *compiler { return &compiler{} }

// read compiles the expression in v, or reports why it cannot be one.
func (c *compiler) read(into *correlator.Condition, v strictyaml.Value) {
	text, ok := v.Text()
	if !ok {
		return
	}
	if strings.TrimSpace(text) == "" {
		v.Report("remove it", "is an empty condition")
		return
	}
	if c.env == nil && c.err == nil {
		c.env, c.err = newEnv()
	}
	if c.err != nil {
		v.Report("", "conditions cannot be compiled: %v", c.err)
		return
	}
	checked, issues := c.env.Compile(text)
	if issues.Err() != nil {
		reportIssues(v, issues)
		return
	}
	if program, ok := c.plan(v, checked); ok {
		*into = &condition{text: text, program: program}
	}
}

func (c *compiler) plan(v strictyaml.Value, checked *cel.Ast) (cel.Program, bool) {
	if !checked.OutputType().IsExactType(cel.BoolType) {
		v.Report(`compare it with something: role == "admin"`, "gives %s, and a condition must be true or false", cel.FormatCELType(checked.OutputType()))
		return nil, false
	}
	if buildsMap(checked) {
		v.Report("use a list", "builds a map, whose order is not the same each time")
		return nil, false
	}
	estimate, err := c.env.EstimateCost(checked, sizes{})
	if err != nil {
		v.Report("", "its cost cannot be estimated: %v", err)
		return nil, false
	}
	if estimate.Max > maxCost {
		v.Report("make it simpler, or split it into several conditions", "may cost more than %d steps on one access", maxCost)
		return nil, false
	}
	program, err := c.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		v.Report("what matches is given is a regular expression in RE2's syntax", "cannot be run: %v", err)
		return nil, false
	}
	return program, true
}

func reportIssues(v strictyaml.Value, issues *cel.Issues) {
	for _, issue := range issues.Errors() {
		hint := ""
		switch {
		case strings.HasPrefix(issue.Message, "undeclared reference") && !strings.Contains(issue.Message, "did you mean"):
			hint = "a condition sees person, " + strings.Join(texts(), ", ")
		case strings.HasPrefix(issue.Message, "Syntax error"):
			hint = `close what is opened, put text in quotes, and write ==, && and ||: role == "admin" && level != "read"`
		case strings.HasPrefix(issue.Message, "found no matching overload"):
			hint = "person is a list of texts, and every other variable is text"
		}
		v.ReportInside(issue.Location.Line(), issue.Location.Column()+1, hint, "is not a condition: %s", issue.Message)
	}
}

// buildsMap: maps are held in Go's, and a macro over one sees its keys in another
// order each time.
func buildsMap(checked *cel.Ast) bool {
	found := false
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		found = found || e.Kind() == ast.MapKind || e.Kind() == ast.StructKind
	}))
	return found
}

// sizes tells the cost estimate how long the variables can be.
type sizes struct{}

// EstimateSize bounds a variable by what an event may carry.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	switch path := node.Path(); {
	case len(path) == 0:
		return nil
	case path[0] != "person":
		return &cost.SizeEstimate{Min: 0, Max: events.MaxText}
	case len(path) == 1:
		return &cost.SizeEstimate{Min: 0, Max: maxPerson}
	}
	return &cost.SizeEstimate{Min: 0, Max: events.MaxIDLen}
}

// EstimateCallCost leaves every function its usual cost.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
