package accounts

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"drystone/community"
	"drystone/fault"
	"drystone/storage"
)

// stepLength is for how many seconds an app shows one code.
const stepLength = 30

// A Setup is what an app needs to know to show codes for an account.
type Setup struct {
	Secret  string // in base32, for typing
	URI     string // otpauth://…
	Picture string // the URI as a QR code: an SVG in a data: address
}

// BeginCodes begins to set up an app that shows codes. Nothing asks for them
// before ConfirmCodes. It is Forbidden where no password is used, since the
// code stands beside it, and a Conflict where an app is set up already.
func (s *Service) BeginCodes(ctx context.Context, who *Who) (_ *Setup, err error) {
	defer fault.Wrap(&err, "accounts.BeginCodes(%d)", who.Account.ID)
	issuer := strings.ReplaceAll(s.Host, ":", " ") // it ends at a colon
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: who.Actor.Name, Period: stepLength})
	if err != nil {
		return nil, err
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		account, err := tx.HoldAccount(ctx, who.Account.ID)
		if err != nil {
			return err
		}
		if s.PasswordsOff || account.PasswordHash == "" {
			return fault.New(fault.Forbidden, "A code stands beside a password, and your account has none.")
		}
		if on, err := codesOn(ctx, tx, account.ID); err != nil {
			return err
		} else if on != nil {
			return fault.New(fault.Conflict, "An app is set up already. Remove it first.")
		}
		return tx.SaveAuthenticator(ctx, &community.Authenticator{AccountID: account.ID, Secret: key.Secret(), CreatedAt: s.now()})
	})
	if err != nil {
		return nil, err
	}
	code, err := qr.Encode(key.URL(), qr.M, qr.Auto)
	if err != nil {
		return nil, err
	}
	return &Setup{Secret: key.Secret(), URI: key.URL(), Picture: picture(code)}, nil
}

// picture draws a QR code, with the quiet border that readers need.
func picture(code barcode.Barcode) string {
	const border = 4
	size := code.Bounds().Dx()
	var path strings.Builder
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+border, y+border)
			}
		}
	}
	all := size + 2*border
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, all, path.String())
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg))
}

// ConfirmCodes ends setting an app up, by a code that it shows. From then on
// the password alone signs nobody in. It returns recovery codes, if the
// account had none that are good.
func (s *Service) ConfirmCodes(ctx context.Context, who *Who, code string) (recovery []string, err error) {
	defer fault.Wrap(&err, "accounts.ConfirmCodes(%d)", who.Account.ID)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if _, err := tx.HoldAccount(ctx, who.Account.ID); err != nil {
			return err
		}
		app, err := tx.Authenticator(ctx, who.Account.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			return fault.New(fault.NotFound, "No app is being set up. Start again.")
		case err != nil:
			return err
		case !app.ConfirmedAt.IsZero():
			return fault.New(fault.Conflict, "An app is set up already.")
		}
		step, good := s.stepOf(app, community.FoldCode(code))
		if !good {
			return fault.Field("code", "That is not the code that belongs to this picture now. Is the clock of your device right?")
		}
		app.Step, app.ConfirmedAt = step, s.now()
		if err := tx.SaveAuthenticator(ctx, app); err != nil {
			return err
		}
		left, err := codesLeft(ctx, tx, app.AccountID)
		if err != nil {
			return err
		}
		if recovery = nil; left == 0 {
			if recovery, err = s.newRecoveryCodes(ctx, tx, app.AccountID); err != nil {
				return err
			}
		}
		return s.changed(ctx, tx, who, community.CodesTurnedOn, "")
	})
	return recovery, err
}

// RemoveCodes forgets the app. The password alone signs in again.
func (s *Service) RemoveCodes(ctx context.Context, who *Who) (err error) {
	defer fault.Wrap(&err, "accounts.RemoveCodes(%d)", who.Account.ID)
	return s.DB.InTx(ctx, func(tx *storage.DB) error {
		removed, err := tx.DropAuthenticator(ctx, who.Account.ID)
		if err != nil {
			return err
		}
		if !removed {
			return fault.New(fault.NotFound, "No app is set up.")
		}
		return s.changed(ctx, tx, who, community.CodesTurnedOff, "")
	})
}

// codesOn returns the app whose codes an account's password needs beside it,
// or nil.
func codesOn(ctx context.Context, db *storage.DB, account community.AccountID) (*community.Authenticator, error) {
	app, err := db.Authenticator(ctx, account)
	if fault.Is(err, fault.NotFound) || err == nil && app.ConfirmedAt.IsZero() {
		return nil, nil
	}
	return app, err
}

// stepOf finds the step whose code it is: the one that is now, or one beside
// it, for clocks that differ. One that was used, or is older, is not good.
func (s *Service) stepOf(app *community.Authenticator, code string) (step int64, good bool) {
	now := s.now().Unix() / stepLength
	for at := max(now-1, app.Step+1); at <= now+1; at++ {
		want, err := hotp.GenerateCode(app.Secret, uint64(at)) //nolint:gosec // it is after 1970
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return at, true
		}
	}
	return 0, false
}

// second asks for what the password of who needs beside it: nothing, where no
// app is set up; else a code of the app, or one for recovery.
func (s *Service) second(ctx context.Context, who *Who, code string) error {
	app, err := codesOn(ctx, s.DB, who.Account.ID)
	if err != nil || app == nil {
		return err
	}
	if community.FoldCode(code) == "" {
		return fault.New(fault.CodeRequired, "Enter the code that your app shows, or a recovery code.")
	}
	good, err := s.useCode(ctx, who, app, code)
	if err == nil && !good {
		err = fault.New(fault.Unauthenticated, "The code is wrong, or was used before.")
	}
	return err
}

// useCode reports whether a code of the app, or one for recovery, is good. It
// never is again.
func (s *Service) useCode(ctx context.Context, who *Who, app *community.Authenticator, code string) (bool, error) {
	code = community.FoldCode(code)
	if !community.IsAppCode(code) {
		return s.useRecoveryCode(ctx, who, code)
	}
	if app == nil {
		return false, nil
	}
	step, good := s.stepOf(app, code)
	if !good {
		return false, nil
	}
	return s.DB.ClaimStep(ctx, app.AccountID, step)
}

// useRecoveryCode reports whether a code for recovery is good, and tells its
// owner that it was used.
func (s *Service) useRecoveryCode(ctx context.Context, who *Who, code string) (good bool, err error) {
	if len(code) != community.RecoveryCodeLength {
		return false, nil
	}
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		good, err = tx.UseRecoveryCode(ctx, who.Account.ID, hashSecret(code), s.now())
		if err != nil || !good {
			return err
		}
		return s.changed(ctx, tx, who, community.RecoveryCodeUsed, "")
	})
	return good, err
}

// RenewRecoveryCodes gives somebody other recovery codes. They are told this
// once and not kept; those before are good for nothing any more.
func (s *Service) RenewRecoveryCodes(ctx context.Context, who *Who) (codes []string, err error) {
	defer fault.Wrap(&err, "accounts.RenewRecoveryCodes(%d)", who.Account.ID)
	err = s.DB.InTx(ctx, func(tx *storage.DB) error {
		if _, err := tx.HoldAccount(ctx, who.Account.ID); err != nil {
			return err
		}
		if codes, err = s.newRecoveryCodes(ctx, tx, who.Account.ID); err != nil {
			return err
		}
		return s.changed(ctx, tx, who, community.RecoveryCodesMade, "")
	})
	return codes, err
}

func (s *Service) newRecoveryCodes(ctx context.Context, tx *storage.DB, account community.AccountID) ([]string, error) {
	var told []string
	var kept []*community.RecoveryCode
	for range community.RecoveryCodes {
		code := strings.ToLower(base32.StdEncoding.EncodeToString(drawn(community.RecoveryCodeLength * 5 / 8)))
		kept = append(kept, &community.RecoveryCode{Hash: hashSecret(code), AccountID: account, CreatedAt: s.now()})
		told = append(told, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
	}
	return told, tx.ReplaceRecoveryCodes(ctx, account, kept)
}

// codesLeft counts the recovery codes of an account that are still good.
func codesLeft(ctx context.Context, db *storage.DB, account community.AccountID) (left int, err error) {
	codes, err := db.RecoveryCodes(ctx, account)
	for _, code := range codes {
		if code.UsedAt.IsZero() {
			left++
		}
	}
	return left, err
}
