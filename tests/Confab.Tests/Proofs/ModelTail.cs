using System.Buffers;
using Confab.Server.Rooms;
using Confab.Tests.Support;
using CsCheck;

namespace Confab.Tests.Proofs;

/// <summary>The tail of a room against a plain list of everything that was ever appended to it.</summary>
public sealed class ModelTail
{
    private const int SinceGap = int.MaxValue;

    private static readonly Gen<Step> s_append =
        from length in Gen.OneOf(Gen.Int[1, 300], Gen.Int[1, 5].Select(lines => lines * 64), Gen.Int[1, 9000])
        select new Step(Kind.Append, length, 0);

    private static readonly Gen<int> s_back = Gen.OneOf(Gen.Int[0, 200], Gen.Const(SinceGap));

    private static readonly Gen<Step> s_step = Gen.Frequency(
        (40, s_append),
        (2, Gen.Const(new Step(Kind.Skip, 0, 0))),
        (1, Gen.Const(new Step(Kind.Clear, 0, 0))),
        (20, Gen.Select(s_back, Gen.OneOf(Gen.Int[1, 20_000], Gen.Int[1, 100].Select(lines => lines * 64)), (back, most) => new Step(Kind.Copy, back, most))),
        (1, Gen.Int[0, 20_000].Select(bytes => new Step(Kind.Others, bytes, 0))));

    private static readonly Gen<(int MaxBytes, long Budget, Step[] Steps)> s_case =
        Gen.Select(Gen.OneOf(new[] { 0, 64, 1024, 4096, 8192, 65_536 }.Select(bytes => Gen.Const(bytes)).ToArray()), Gen.OneOf(Gen.Const(long.MaxValue / 2), Gen.Long[0, 50_000]), s_step.Array[0, 300]);

    public enum Kind
    {
        Append,

        /// <summary>Somebody else's number: nobody listened when it was given.</summary>
        Skip,
        Clear,
        Copy,

        /// <summary>Other rooms take from the budget, or give back what they have.</summary>
        Others,
    }

    [Fact]
    public void A_tail_copies_what_was_appended_or_says_that_it_forgot() =>
        s_case.Sample(c => new Play(c.MaxBytes, c.Budget).All(c.Steps), iter: Effort.Cases(800));

    public readonly record struct Step(Kind Kind, int Number, int Most);

    private sealed class Play(int maxBytes, long allBytes)
    {
        private readonly TailBudget _budget = new(allBytes);
        private readonly List<byte[]?> _appended = [];
        private readonly ArrayBufferWriter<byte> _copied = new();
        private Tail? _tail;
        private long _others;
        private int _sureFrom;

        private Tail Tail => _tail ??= new Tail(maxBytes, _budget);

        public void All(Step[] steps)
        {
            foreach (var step in steps)
            {
                Take(step);
                Assert.True(Tail.Size + _others <= allBytes, "The tail takes more than the budget has.");
            }

            Tail.Clear();
            Assert.Equal(0, Tail.Size);
            _budget.GiveBack(_others);
            Assert.True(_budget.TryTake(allBytes), "Not all of the budget came back.");
        }

        private void Take(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Append:
                    Append(step.Number);
                    break;
                case Kind.Skip:
                    _appended.Add(null);
                    break;
                case Kind.Clear:
                    Tail.Clear();
                    _sureFrom = _appended.Count;
                    break;
                case Kind.Copy:
                    Copy(step.Number, step.Most);
                    break;
                default:
                    ChangeOthers(step.Number);
                    break;
            }
        }

        private void Append(int length)
        {
            var frame = new byte[length];
            for (var i = 0; i < length; i++)
                frame[i] = (byte)((_appended.Count * 31) + i);
            _appended.Add(frame);
            Tail.Append(_appended.Count, frame);
        }

        private void Copy(int back, int most)
        {
            var head = _appended.Count;
            var after = back == SinceGap ? _appended.LastIndexOf(null) + 1 : Math.Max(0, head - back);
            _copied.ResetWrittenCount();
            var copied = Tail.TryCopy(after, head, most, _copied, out var to);
            if (!copied)
            {
                Assert.Equal(0, _copied.WrittenCount);
                Assert.False(MustHave(after, head), $"The tail has forgotten what is after {after} of {head} too soon.");
                return;
            }

            Assert.InRange(to, after + 1, head);
            var expected = _appended[after..(int)to];
            Assert.DoesNotContain(null, expected);
            Assert.Equal(expected.SelectMany(frame => frame!), _copied.WrittenSpan.ToArray());
            Assert.True(_copied.WrittenCount <= most || to == after + 1, "More was copied than was asked for.");
            if (to < head && _appended[(int)to] is { } next)
                Assert.True(_copied.WrittenCount + next.Length > most, "One more frame had been welcome.");
        }

        // With room enough in the budget, the newest frames are there as far as the bytes and the ring of starts reach.
        private bool MustHave(int after, int head)
        {
            if (allBytes < long.MaxValue / 2 || maxBytes == 0 || after >= head || after < _sureFrom)
                return false;
            var wanted = _appended[after..head];
            return !wanted.Contains(null) && wanted.Sum(frame => (long)frame!.Length) <= maxBytes && wanted.Count <= maxBytes / 64;
        }

        private void ChangeOthers(int bytes)
        {
            if (_budget.TryTake(bytes))
            {
                _others += bytes;
            }
            else
            {
                _budget.GiveBack(_others);
                _others = 0;
            }
        }
    }
}
