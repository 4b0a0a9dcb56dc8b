package community

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"drystone/fault"
)

// JoinMode says who may make an account. The words are stored.
type JoinMode string

// The ways in: everybody; whom somebody lets in who read what they said; whom
// somebody invited; nobody. An operator makes accounts in any of them.
const (
	JoinOpen        JoinMode = "open"
	JoinApplication JoinMode = "application"
	JoinInvite      JoinMode = "invite"
	JoinClosed      JoinMode = "closed"
)

// Inviters says who may invite. The words are stored.
type Inviters string

// Who may invite.
const (
	AdminsInvite     Inviters = "admins"
	ModeratorsInvite Inviters = "moderators" // of a group of this server, and administrators
	EverybodyInvites Inviters = "everybody"  // who is here for some days
)

// Joining is how people come to this server, as its administrators settled it.
// It is stored as JSON.
type Joining struct {
	Mode      JoinMode   `json:"mode"`
	Welcome   string     `json:"welcome,omitempty"`   // Markdown, above the form
	Rules     []string   `json:"rules,omitempty"`     // what newcomers must accept
	Questions []Question `json:"questions,omitempty"` // what applicants are asked

	RequireMail bool `json:"require_mail,omitempty"` // nobody is let in before they show that they read their mail address

	Inviters    Inviters `json:"inviters"`
	InviterDays int      `json:"inviter_days"` // how long everybody must have been here to invite
	InvitesEach int      `json:"invites_each"` // how many invitations of one person may be open

	Proof      int `json:"proof"`       // bits of work that a browser does; 0: none
	PerAddress int `json:"per_address"` // how many come from one address in a day; 0: any number
	PerNetwork int `json:"per_network"` // and from the network around it
}

// A Question is what the host wants to know of those who apply.
type Question struct {
	Text     string `json:"text"`
	Required bool   `json:"required"`
}

// The bounds of what can be settled.
const (
	MostQuestions  = 5
	MostRules      = 20
	MaxQuestion    = 300
	MaxRule        = 500
	MaxWelcome     = 5000
	MaxAnswer      = 2000
	MostProof      = 20
	leastProof     = 8
	mostArrivals   = 100_000
	mostInviteDays = 3650
	mostInvites    = 1000
)

// NewJoining is what holds until somebody settles something else.
func NewJoining(mode JoinMode) Joining {
	return Joining{
		Mode: mode, Inviters: AdminsInvite, InviterDays: 30, InvitesEach: 10,
		Proof: 14, PerAddress: 10, PerNetwork: 50,
	}
}

// Wider is j with as many arrivals from one place as wide times what the host
// settled; +Inf: any number.
func (j Joining) Wider(wide float64) *Joining {
	for _, most := range []*int{&j.PerAddress, &j.PerNetwork} {
		switch {
		case math.IsInf(wide, 1):
			*most = 0
		case *most > 0 && wide > 0:
			*most = max(1, int(float64(*most)*wide))
		}
	}
	return &j
}

// WhyJoin is what applicants are asked where the host asks nothing.
const WhyJoin = "Why do you want to join?"

// Asked is what an applicant is asked, whatever the host settled.
func (j *Joining) Asked() []Question {
	if len(j.Questions) == 0 {
		return []Question{{Text: WhyJoin, Required: true}}
	}
	return j.Questions
}

// Check reports what cannot be settled like this.
func (j *Joining) Check() error {
	switch j.Mode {
	case JoinOpen, JoinApplication, JoinInvite, JoinClosed:
	default:
		return fault.Field("mode", "Choose open, application, invite or closed.")
	}
	switch j.Inviters {
	case AdminsInvite, ModeratorsInvite, EverybodyInvites:
	default:
		return fault.Field("inviters", "Choose admins, moderators or everybody.")
	}
	if err := checkText("welcome", "The welcome", j.Welcome, MaxWelcome); err != nil {
		return err
	}
	if err := j.checkLists(); err != nil {
		return err
	}
	for _, n := range []struct {
		field       string
		value, most int
	}{
		{"inviter_days", j.InviterDays, mostInviteDays},
		{"invites_each", j.InvitesEach, mostInvites},
		{"proof", j.Proof, MostProof},
		{"per_address", j.PerAddress, mostArrivals},
		{"per_network", j.PerNetwork, mostArrivals},
	} {
		if n.value < 0 || n.value > n.most {
			return fault.Field(n.field, "Choose a number from 0 to %d.", n.most)
		}
	}
	if j.Proof != 0 && j.Proof < leastProof {
		return fault.Field("proof", "Choose 0 for no work, or from %d to %d.", leastProof, MostProof)
	}
	return nil
}

func (j *Joining) checkLists() error {
	if len(j.Rules) > MostRules {
		return fault.Field("rules", "There can be %d rules at most.", MostRules)
	}
	for _, rule := range j.Rules {
		if err := checkSaid("rules", "A rule", rule, MaxRule); err != nil {
			return err
		}
	}
	if len(j.Questions) > MostQuestions {
		return fault.Field("questions", "There can be %d questions at most: people have little patience with forms.", MostQuestions)
	}
	for _, q := range j.Questions {
		if err := checkSaid("questions", "A question", q.Text, MaxQuestion); err != nil {
			return err
		}
	}
	return nil
}

// checkSaid is checkText for what must not be empty, nor hide anything.
func checkSaid(field, what, text string, most int) error {
	if strings.TrimSpace(text) == "" {
		return fault.Field(field, "%s must not be empty.", what)
	}
	if err := checkText(field, what, text, most); err != nil {
		return err
	}
	if strings.ContainsFunc(text, turns) {
		return fault.Field(field, "%s holds a hidden character that changes the direction of text. Remove it.", what)
	}
	return nil
}

// Tidy brings what somebody settled into the form that is kept.
func (j *Joining) Tidy() {
	j.Welcome = strings.TrimSpace(j.Welcome)
	rules, questions := []string{}, []Question{}
	for _, rule := range j.Rules {
		rules = append(rules, strings.TrimSpace(rule))
	}
	for _, q := range j.Questions {
		questions = append(questions, Question{Text: strings.TrimSpace(q.Text), Required: q.Required})
	}
	j.Rules, j.Questions = rules, questions
}

// CheckAnswers returns the answers of an applicant beside their questions, or
// reports what is missing. More answers than questions are none of ours.
func (j *Joining) CheckAnswers(said []string) ([]Answer, error) {
	questions := j.Asked()
	if len(said) > len(questions) {
		return nil, fault.Field("answers", "There are %d questions, and more answers.", len(questions))
	}
	answers := make([]Answer, len(questions))
	for i, q := range questions {
		text := ""
		if i < len(said) {
			text = strings.TrimSpace(strings.ReplaceAll(said[i], "\r\n", "\n"))
		}
		if text == "" && q.Required {
			return nil, fault.Field("answers", "Please answer: %s", q.Text)
		}
		if !utf8.ValidString(text) || text != "" {
			if err := checkSaid("answers", "An answer", text, MaxAnswer); err != nil {
				return nil, err
			}
		}
		answers[i] = Answer{Question: q.Text, Text: text}
	}
	return answers, nil
}

// CheckAnswer reports what is wrong with what an applicant, or a reviewer,
// wrote.
func CheckAnswer(field, what, text string) error { return checkSaid(field, what, text, MaxAnswer) }

// Closed says that there is no way in, in plain words, or nil. invited says
// that somebody brought a good invitation.
func (j *Joining) Closed(invited bool) error {
	switch {
	case j.Mode == JoinClosed:
		return fault.New(fault.Forbidden, "This server does not take new registrations.")
	case j.Mode == JoinInvite && !invited:
		return fault.New(fault.Forbidden, "People come to this server by invitation. Ask somebody here for one.")
	}
	return nil
}

// AdmissionID names an admission.
type AdmissionID int64

// AdmissionState is how far an application has come. The words are stored.
type AdmissionState string

// The states. Refused ones are forgotten after a while, with the account.
const (
	AdmissionWaiting  AdmissionState = "waiting"
	AdmissionAsked    AdmissionState = "asked" // a reviewer wants to know more
	AdmissionAccepted AdmissionState = "accepted"
	AdmissionRefused  AdmissionState = "refused"
)

// An Admission is what somebody said who wants to come here, and what became
// of it. Until it is accepted, their actor is an Applicant, whom nobody meets.
type Admission struct {
	ID        AdmissionID `bun:",pk,autoincrement"`
	ActorID   ActorID
	State     AdmissionState
	Answers   []Answer  // JSON
	Unproven  bool      // no browser did work for it
	Question  string    // what the reviewer asked back
	Reply     string    // and the answer
	Reason    string    // why it was refused
	DecidedBy ActorID   `bun:",nullzero"`
	DecidedAt time.Time `bun:",nullzero"`
	CreatedAt time.Time
}

// Waiting says that somebody may not do anything yet.
func Waiting() error {
	return fault.New(fault.Forbidden, "Your application is not accepted yet. Until then you can read.")
}

// Unverified says that somebody may not do anything before they show that they
// read their mail address.
func Unverified() error {
	return fault.New(fault.Forbidden, "Confirm your mail address first, by the link in our letter. Until then you can read.")
}

// UnverifiedKept is for how long somebody is waited for who has to confirm
// their address. Then their account goes.
const UnverifiedKept = 7 * 24 * time.Hour

// NeedsMail reports whether newcomers have to confirm a mail address, of a
// server that can send mail or not.
func (j *Joining) NeedsMail(sends bool) bool { return j.RequireMail && sends }

// An Answer is a question with what somebody said to it.
type Answer struct {
	Question string `json:"question"`
	Text     string `json:"text"`
}

// AdmissionKept is for how long an application is kept once it is decided.
// With a refused one, the account goes.
const AdmissionKept = 30 * 24 * time.Hour

// Open reports whether the application still waits for somebody.
func (a *Admission) Open() bool {
	return a.State == AdmissionWaiting || a.State == AdmissionAsked
}

// An AdmissionView is an application with who applies and who decided.
type AdmissionView struct {
	*Admission
	Actor    *Actor
	Decider  *Actor // nil: nobody yet
	Email    string
	Verified bool // they showed that they read it
}
